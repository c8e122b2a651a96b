// The registers through which the cores of a tile reach the engines of the chip: one that takes
// descriptors, and the flags.
#include "chip/engine_port.hpp"

#include <cstring>

#include "chip/engine_accesses.hpp"
#include "tile/watch.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/refusal.hpp"

namespace tilewright {
namespace {

namespace reg = abi::engine_register;
using riscv::Cause;

GlobalAddress global(std::uint32_t low, std::uint32_t high) {
    return GlobalAddress{low | std::uint64_t{high} << 32};
}

Work work_of(const abi::ArrayDescriptor& d) {
    constexpr std::uint32_t known = 0xFFFF | abi::array_accumulates | abi::array_has_bias;
    if ((d.types & ~0xFFFFu) != 0 || (d.mode & ~known) != 0) {
        throw ArgumentError("systolic array: unknown bits in types or mode");
    }
    return ArrayMatmul{.a = global(d.a_low, d.a_high),
                       .b = global(d.b_low, d.b_high),
                       .result = global(d.result_low, d.result_high),
                       .sums = global(d.sums_low, d.sums_high),
                       .bias = global(d.bias_low, d.bias_high),
                       .m = d.m,
                       .n = d.n,
                       .k = d.k,
                       .a_stride = d.a_stride,
                       .b_stride = d.b_stride,
                       .result_stride = d.result_stride,
                       .sums_stride = d.sums_stride,
                       .type = static_cast<DataType>(d.types & 0xFF),
                       .out = static_cast<DataType>(d.types >> 8),
                       .dataflow = static_cast<Dataflow>(d.mode & 0xFF),
                       .activation = static_cast<Activation>(d.mode >> 8 & 0xFF),
                       .accumulate = (d.mode & abi::array_accumulates) != 0,
                       .has_bias = (d.mode & abi::array_has_bias) != 0};
}

Work work_of(const abi::EngineDescriptor& d) {
    const GlobalAddress source = global(d.source_low, d.source_high);
    const GlobalAddress destination = global(d.destination_low, d.destination_high);
    switch (static_cast<EngineKind>(d.header.kind)) {
        case EngineKind::dma:
            return DmaCopy{.source = source,
                           .destination = destination,
                           .bytes = d.columns,
                           .rows = d.rows,
                           .source_stride = d.source_stride,
                           .destination_stride = d.destination_stride};
        case EngineKind::block_mover:
            return BlockMove{.source = source,
                             .destination = destination,
                             .height = d.rows,
                             .width = d.columns,
                             .element_bytes = d.element_bytes,
                             .transform = static_cast<Transform>(d.mode & 0xFF),
                             .reshaped_width = d.reshaped_width,
                             .source_stride = d.source_stride,
                             .destination_stride = d.destination_stride};
        case EngineKind::streamer:
            return StreamMove{.l2 = source,
                              .l1 = destination,
                              .height = d.rows,
                              .width = d.columns,
                              .element_bytes = d.element_bytes,
                              .order = static_cast<StreamMove::Order>(d.mode & 0xFF),
                              .direction = static_cast<StreamMove::Direction>(d.mode >> 8 & 0xFF),
                              .l2_stride = d.source_stride};
        default:
            throw ArgumentError("there are no engines of kind " + std::to_string(d.header.kind));
    }
}

// Tell of what an engine will read and write for a core.
void tell_command(const Tile& tile, std::uint32_t core, const Plan& plan) {
    const Probes& probes = tile.around.probes;
    if (!probes.all_watched()) return;
    for_each_access(plan, [&](const EngineAccess& access) {
        probes.watch.observer->on_access({.core = tile.core_id(core),
                                          .place = access.place,
                                          .bytes = access.bytes,
                                          .reads = !access.writes,
                                          .writes = access.writes,
                                          .by_command = true});
    });
}

bool is_flag(std::uint32_t offset) {
    return offset - reg::flags < 4 * abi::engine_flag_count;
}
std::uint32_t flag_of(std::uint32_t offset) {
    return (offset - reg::flags) / 4;
}

class EngineRegisters final : public RegisterDevice {
public:
    EngineRegisters(Tile& tile, EngineStation& station, const HostSide& host)
        : tile_(tile), station_(station), host_(host) {}

    riscv::Access load(std::uint32_t core, std::uint32_t offset, std::uint64_t) override {
        if (is_flag(offset)) {
            if (order() != nullptr) {
                order()->on_flag_seen(tile_.core_number(core), flag_of(offset));
            }
            return {value(core, offset), Cause::none, 0};
        }
        const std::uint64_t l1 = tilewright::value(
            tile_.around.memories.map().address(MemoryKind::tile_l1, tile_.index));
        if (offset == reg::l1_low) return {static_cast<std::uint32_t>(l1), Cause::none, 0};
        if (offset == reg::l1_high) return {static_cast<std::uint32_t>(l1 >> 32), Cause::none, 0};
        return {0, Cause::load_unmapped, 0};
    }

    Cause store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes, std::uint32_t value,
                std::uint64_t cycle) override {
        if (bytes != 4) return Cause::store_unmapped;
        if (is_flag(offset)) {
            tell_flag(core, flag_of(offset), false);
            station_.set_flag(flag_of(offset), value, cycle);
        } else if (offset >= reg::flags_add) {
            tell_flag(core, (offset - reg::flags_add) / 4, true);
            station_.add_to_flag((offset - reg::flags_add) / 4, value, cycle);
        } else if (offset == reg::submit) {
            return submit(core, value, cycle);
        } else {
            return Cause::store_unmapped;
        }
        return Cause::none;
    }

    Word word(std::uint32_t offset) const override {
        return is_flag(offset) ? Word::counter : Word::other;
    }
    std::uint32_t value(std::uint32_t, std::uint32_t offset) const override {
        return station_.engines().flag(flag_of(offset));
    }
    bool can_change(std::uint32_t, std::uint32_t offset) const override { return is_flag(offset); }
    bool host_changes(std::uint32_t offset) const override {
        return is_flag(offset) && host_.sets(flag_of(offset));
    }
    std::string describe_word(std::uint32_t core, std::uint32_t offset) const override {
        if (!is_flag(offset)) return "a register of the engines";
        return "flag " + std::to_string(flag_of(offset)) + " to change from " +
               std::to_string(value(core, offset));
    }

private:
    OrderObserver* order() const { return tile_.around.probes.order; }
    void tell_flag(std::uint32_t core, std::uint32_t flag, bool added) const {
        if (order() != nullptr) order()->on_flag_changed(tile_.core_number(core), flag, added);
    }

    template <class Descriptor>
    Descriptor descriptor_at(std::uint32_t core, std::uint32_t address) const {
        Descriptor descriptor;
        const std::byte* const first = plain_memory(tile_, core, address);
        const std::uint32_t last = address + sizeof descriptor - 1;
        const bool there = address % 4 == 0 && !in_direct(tile_, address) && first != nullptr &&
                           last > address &&
                           plain_memory(tile_, core, last) == first + (last - address);
        if (!there) {
            throw BusRefusal{"engine command: no descriptor in L1 or local memory at " +
                             std::to_string(address)};
        }
        std::memcpy(&descriptor, first, sizeof descriptor);
        return descriptor;
    }

    Cause submit(std::uint32_t core, std::uint32_t address, std::uint64_t cycle) {
        const auto header = descriptor_at<abi::EngineHeader>(core, address);
        const EngineId engine{static_cast<EngineKind>(header.kind), header.index};
        try {
            const bool multiplies = engine.kind == EngineKind::systolic_array;
            const EngineCommand command{
                .work = multiplies ? work_of(descriptor_at<abi::ArrayDescriptor>(core, address))
                                   : work_of(descriptor_at<abi::EngineDescriptor>(core, address)),
                .wait_flag = header.wait_flag,
                .wait_value = header.wait_value,
                .done_flag = header.done_flag,
                .done_increment = header.done_increment};
            const Engines& engines = station_.engines();
            PlannedCommand planned = engines.plan(engine, command);
            if (engines.engine(engine).queued() >= abi::engine_queue_commands) {
                tile_.cores[core].status = CoreStatus::blocked;
                tile_.cores[core].event_cycle = ~0ull;  // none, until some command has ended
                station_.wait_for_room();
                return Cause::retry;
            }
            tell_command(tile_, core, planned.plan);
            if (order() != nullptr) {
                order()->on_submitted(code_site(tile_, core, cycle), engines.number(engine));
            }
            station_.submit(engine, planned, cycle);
        } catch (const Error& error) {
            throw BusRefusal{std::string("engine command: ") + error.what()};
        }
        return Cause::none;
    }

    Tile& tile_;
    EngineStation& station_;
    const HostSide& host_;
};

}  // namespace

DeviceKind engine_port(EngineStation& station, const HostSide& host) {
    return {.name = "engines: descriptors, flags",
            .base = abi::engine_registers,
            .bytes = reg::size,
            .loads = "words",
            .stores = "words",
            .make = [&station, &host](Tile& tile) {
                return std::make_unique<EngineRegisters>(tile, station, host);
            }};
}

}  // namespace tilewright
