// Engines as kernels see them: a register that takes descriptors, and the flags.
#include <cstring>

#include "chip/tile_bus.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

namespace reg = abi::engine_register;

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

}  // namespace

riscv::Access TileBus::read_engine_register(std::uint32_t address) const {
    const std::uint32_t latency = chip_.config_.core_timing.load_device;
    if (abi::is_engine_flag(address)) {
        return {chip_.engines_.flag(abi::engine_flag(address)), riscv::Cause::none, latency};
    }
    const std::uint64_t l1 = value(chip_.map_.address(MemoryKind::tile_l1, tile_));
    switch (address - abi::engine_registers) {
        case reg::l1_low:
            return {static_cast<std::uint32_t>(l1), riscv::Cause::none, latency};
        case reg::l1_high:
            return {static_cast<std::uint32_t>(l1 >> 32), riscv::Cause::none, latency};
        default:
            return {0, riscv::Cause::load_unmapped, 0};
    }
}

riscv::Cause TileBus::write_engine_register(std::uint32_t address, std::uint32_t value,
                                            std::uint64_t cycle) {
    const std::uint32_t offset = address - abi::engine_registers;
    riscv::Cause cause = riscv::Cause::none;
    if (abi::is_engine_flag(address)) {
        chip_.engines_.set_flag(chip_.queue_, abi::engine_flag(address), value, cycle);
    } else if (offset >= reg::flags_add) {
        chip_.engines_.add_to_flag(chip_.queue_, (offset - reg::flags_add) / 4, value, cycle);
    } else if (offset == reg::submit) {
        cause = submit(value, cycle);
    } else {
        return riscv::Cause::store_unmapped;
    }
    chip_.limits_.horizon = chip_.horizon(core_);
    return cause;
}

template <class Descriptor>
Descriptor TileBus::descriptor_at(std::uint32_t address) {
    Descriptor descriptor;
    const std::uint32_t last = address + sizeof descriptor - 1;
    const bool there = address % 4 == 0 && !in_direct(address) && plain(address) != nullptr &&
                       last > address && plain(last) == plain(address) + (last - address);
    if (!there) {
        throw BusRefusal{"engine command: no descriptor in L1 or local memory at " +
                         std::to_string(address)};
    }
    std::memcpy(&descriptor, plain(address), sizeof descriptor);
    return descriptor;
}

riscv::Cause TileBus::submit(std::uint32_t address, std::uint64_t cycle) {
    const auto header = descriptor_at<abi::EngineHeader>(address);
    const EngineId engine{static_cast<EngineKind>(header.kind), header.index};
    try {
        const bool multiplies = engine.kind == EngineKind::systolic_array;
        const EngineCommand command{
            .work = multiplies ? work_of(descriptor_at<abi::ArrayDescriptor>(address))
                               : work_of(descriptor_at<abi::EngineDescriptor>(address)),
            .wait_flag = header.wait_flag,
            .wait_value = header.wait_value,
            .done_flag = header.done_flag,
            .done_increment = header.done_increment};
        chip_.engines_.check(engine, command);
        if (chip_.engines_.engine(engine).queued() >= abi::engine_queue_commands) {
            Core& core = chip_.cores_[core_];
            core.status = CoreStatus::blocked;
            core.event_cycle = ~0ull;  // none, until some command has ended
            chip_.cores_wait_for_engines_ = true;
            return riscv::Cause::retry;
        }
        chip_.tell_command(core_, command.work);
        chip_.engines_.submit(chip_.queue_, engine, command, cycle);
    } catch (const Error& error) {
        throw BusRefusal{std::string("engine command: ") + error.what()};
    }
    return riscv::Cause::none;
}

// --- Who waits ----------------------------------------------------------------------------------

void Chip::flag_changed(std::uint32_t flag, std::uint64_t cycle) {
    if (busy_ == 0) return;
    const std::uint32_t address = abi::engine_registers + reg::flags + 4 * flag;
    for (std::uint32_t c = 0; c < cores_.size(); ++c) {
        if (cores_.find(c) != nullptr) register_changed(c, address, cycle, Core::nobody);
    }
}

void Chip::command_ended(std::uint64_t cycle) {
    if (!cores_wait_for_engines_) return;
    cores_wait_for_engines_ = false;
    for (std::uint32_t c = 0; c < cores_.size(); ++c) {
        if (cores_.find(c) != nullptr) unblock(c, cycle);
    }
}

}  // namespace tilewright
