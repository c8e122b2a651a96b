// The registers that tell a core who and where it is, and through which it prints.
#include "tilewright/tile/core_registers.hpp"

#include <algorithm>
#include <string_view>

#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/devices.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {
namespace {

namespace reg = abi::core_register;
using riscv::Cause;

constexpr std::size_t output_limit = 1 << 20;  // what one kernel may print
constexpr std::string_view output_cut = "\n[output cut at 1 MiB]\n";

class CoreRegisters final : public RegisterDevice {
public:
    explicit CoreRegisters(Tile& tile) : tile_(tile) {}

    riscv::Access load(std::uint32_t core, std::uint32_t offset, std::uint64_t) override {
        if (word(offset) == Word::other) return {0, Cause::load_unmapped, 0};
        return {value(core, offset), Cause::none, 0};
    }

    Cause store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes, std::uint32_t value,
                std::uint64_t cycle) override {
        if (offset == reg::print) {
            print(tile_.cores[core].output, static_cast<char>(value));
        } else if (bytes == 4 && offset == reg::zone_begin) {
            begin_zone(core, value, cycle);
        } else if (bytes == 4 && offset == reg::zone_end) {
            tell_zone(core, cycle, {});
        } else {
            return Cause::store_unmapped;
        }
        return Cause::none;
    }

    Word word(std::uint32_t offset) const override {
        return offset % 4 == 0 && offset <= reg::local_bytes ? Word::constant : Word::other;
    }

    std::uint32_t value(std::uint32_t core, std::uint32_t offset) const override {
        const TileParameters& chip = tile_.around.parameters;
        switch (offset) {
            case reg::tile:
                return tile_.site.id.x | std::uint32_t{tile_.site.id.y} << 16;
            case reg::processor:
                return core;
            case reg::grid:
                return chip.columns | chip.rows << 16;
            case reg::dram_banks:
                return chip.dram_banks;
            case reg::l1_bytes:
                return chip.l1_bytes;
            default:
                return tile_.site.cores[core].local_bytes;
        }
    }

    bool can_change(std::uint32_t, std::uint32_t) const override { return false; }
    std::string describe_word(std::uint32_t, std::uint32_t) const override {
        return "a register of the core itself, which never changes";
    }

private:
    static void print(std::string& output, char letter) {
        if (output.size() >= output_limit) return;
        output.push_back(letter);
        if (output.size() == output_limit) output += output_cut;
    }

    // The name is the guest's: it is read within bounds, or is a number.
    void begin_zone(std::uint32_t core, std::uint32_t name, std::uint64_t cycle) const {
        if (tile_.around.probes.observer == nullptr) return;
        constexpr std::size_t longest = 64;
        const riscv::Region window = tile_.runs[core].program.window;
        std::string text;
        for (std::size_t at = name - window.base;
             name >= window.base && at < window.bytes && text.size() < longest; ++at) {
            const auto letter = static_cast<unsigned char>(window.host[at]);
            if (letter == 0) break;
            text.push_back(letter >= 0x20 && letter < 0x7F ? static_cast<char>(letter) : '?');
        }
        if (text.empty()) text = "zone " + std::to_string(name);
        tell_zone(core, cycle, text);
    }

    void tell_zone(std::uint32_t core, std::uint64_t cycle, std::string_view name) const {
        Observer* const observer = tile_.around.probes.observer;
        if (observer != nullptr) observer->on_zone(tile_.core_id(core), Cycle{cycle}, name);
    }

    Tile& tile_;
};

}  // namespace

DeviceKind core_registers() {
    return {.name = "core registers",
            .base = abi::core_registers,
            .bytes = reg::size,
            .loads = "words",
            .stores = "`print` and zones only",
            .make = [](Tile& tile) { return std::make_unique<CoreRegisters>(tile); }};
}

}  // namespace tilewright
