// Defects: what a broken unit does to data, on top of what it does anyway.
#include <algorithm>
#include <string>
#include <utility>

#include "stillwater/kpu/kpu.hpp"
#include "tilewright/base/error.hpp"

namespace stillwater::kpu {

using tilewright::EngineId;

namespace {

constexpr std::pair<const char*, MemoryKind> memories[] = {
    {"host_memory", MemoryKind::host},
    {"memory_bank", MemoryKind::dram},
    {"l3_tile", MemoryKind::l3},
    {"l2_bank", MemoryKind::l2},
    {"l1_buffer", MemoryKind::l1_buffer},
    {"scratchpad", MemoryKind::scratchpad},
    {"page_buffer", MemoryKind::page_buffer}};
constexpr std::pair<const char*, EngineKind> engines[] = {
    {"dma_engine", EngineKind::dma},
    {"block_mover", EngineKind::block_mover},
    {"streamer", EngineKind::streamer},
    {"compute_tile", EngineKind::systolic_array}};

template <class Table>
auto find(const Table& table, const std::string& unit) {
    return std::ranges::find_if(table, [&](const auto& entry) { return unit == entry.first; });
}

void set_bit(tilewright::Device& device, const tilewright::MemoryRef& at, std::uint32_t bit,
             bool flip) {
    const tilewright::GlobalAddress address = device.map().address(at.kind, at.index, at.offset);
    std::byte value{};
    device.read(address, {&value, 1});
    const std::byte mask = std::byte{1} << bit;
    value = flip ? value ^ mask : value | mask;
    device.write(address, {&value, 1});
}

void apply_stuck_bits(tilewright::Device& device, const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
        const auto memory = find(memories, fault.unit);
        if (memory == std::end(memories)) continue;
        set_bit(device, {memory->second, static_cast<std::uint32_t>(fault.index), fault.offset},
                fault.bit, false);
    }
}

// Results of commands whose rows follow each other, as all of this simulator's do.
Size result_bytes(const tilewright::DmaCopy& w) {
    return w.bytes;
}
Size result_bytes(const tilewright::BlockMove& w) {
    return Size{w.height} * w.width * w.element_bytes;
}
Size result_bytes(const tilewright::StreamMove& w) {
    return Size{w.height} * w.width * w.element_bytes;
}
Size result_bytes(const tilewright::ArrayMatmul& w) {
    return Size{w.m} * w.n * tilewright::size_of(w.out);
}

}  // namespace

void KPUSimulator::inject_fault(const Fault& fault) {
    if (fault.bit > 7) {
        throw tilewright::ArgumentError("fault: expected a bit from 0 to 7, got " +
                                        std::to_string(fault.bit));
    }
    const auto memory = find(memories, fault.unit);
    const auto engine = find(engines, fault.unit);
    if (memory != std::end(memories)) {
        global(memory->second, fault.index, fault.offset, 1);
        faults_.push_back(fault);
        apply_stuck_bits(*device_, faults_);
    } else if (engine != std::end(engines)) {
        if (fault.index >= engine_count(engine->second)) {
            throw tilewright::AddressError("fault: there is no " + fault.unit + " " +
                                           std::to_string(fault.index));
        }
        faults_.push_back(fault);
    } else {
        std::string known;
        for (const auto& entry : memories) known += std::string(entry.first) + ", ";
        for (const auto& entry : engines) known += std::string(entry.first) + ", ";
        known.resize(known.size() - 2);
        throw tilewright::ArgumentError("fault: there is no unit '" + fault.unit + "'; there are " +
                                        known);
    }
}

void KPUSimulator::clear_faults() {
    faults_.clear();
}

KPUSimulator::Callback KPUSimulator::with_faults(EngineId engine, const tilewright::Work& work,
                                                 Callback callback) {
    if (faults_.empty()) return callback;
    // The device may live longer than this simulator, and the command with it.
    return [device = device_, faults = faults_, engine, work, callback = std::move(callback)] {
        const Size bytes = std::visit([](const auto& w) { return result_bytes(w); }, work);
        for (const Fault& fault : faults) {
            const auto kind = find(engines, fault.unit);
            if (kind == std::end(engines) || bytes == 0) continue;
            if (EngineId{kind->second, static_cast<std::uint32_t>(fault.index)} != engine) continue;
            const auto to = tilewright::endpoints_of(work).second + fault.offset % bytes;
            set_bit(*device, device->map().resolve(to, 1), fault.bit, true);
        }
        apply_stuck_bits(*device, faults);
        if (callback) callback();
    };
}

void KPUSimulator::written() {
    if (!faults_.empty()) apply_stuck_bits(*device_, faults_);
}

}  // namespace stillwater::kpu
