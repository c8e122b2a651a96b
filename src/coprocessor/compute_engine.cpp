#include "tilewright/coprocessor/compute_engine.hpp"

#include "coprocessor/engine_device.hpp"
#include "tilewright/coprocessor/registers.hpp"

namespace tilewright {
namespace {

/// The words of the MOP expanders, which can only be stored.
class MacroRegisters final : public RegisterDevice {
public:
    explicit MacroRegisters(EngineDevice& engine) : engine_(engine) {}

    riscv::Access load(std::uint32_t, std::uint32_t, std::uint64_t) override {
        return {0, riscv::Cause::load_unmapped, 0};
    }
    riscv::Cause store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes,
                       std::uint32_t value, std::uint64_t cycle) override {
        if (bytes != 4) return riscv::Cause::store_unmapped;
        return engine_.store_macro(core, offset / 4, value, cycle);
    }
    Word word(std::uint32_t) const override { return Word::other; }
    std::uint32_t value(std::uint32_t, std::uint32_t) const override { return 0; }
    bool can_change(std::uint32_t, std::uint32_t) const override { return false; }
    std::string describe_word(std::uint32_t, std::uint32_t) const override {
        return "a register of the MOP expander";
    }

private:
    EngineDevice& engine_;
};

}  // namespace

std::array<DeviceKind, 2> compute_engine(tensix::Architecture architecture,
                                         const tensix::EngineTiming& timing) {
    const auto make_engine = [architecture, timing](Tile& tile) {
        return std::make_unique<EngineDevice>(tile, architecture, timing);
    };
    const auto make_macros = [](Tile& tile) {
        return std::make_unique<MacroRegisters>(static_cast<EngineDevice&>(*tile.devices.back()));
    };
    return {DeviceKind{.name = "compute engine",
                       .base = abi::compute_registers,
                       .bytes = abi::compute_register::size,
                       .loads = "words",
                       .stores = "words",
                       .make = make_engine,
                       .instructions = abi::compute_register::instructions},
            DeviceKind{.name = "MOP expander",
                       .base = abi::macro_registers,
                       .bytes = abi::compute_register::macro_bytes,
                       .loads = "no",
                       .stores = "words",
                       .make = make_macros}};
}

}  // namespace tilewright
