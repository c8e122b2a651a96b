// The simulator: commands into the queues of a device's engines, and time.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include "frontends/stillwater/recorder.hpp"
#include "stillwater/kpu/kpu.hpp"
#include "tilewright/base/error.hpp"

namespace stillwater::kpu {

using tilewright::AddressError;
using tilewright::EngineId;
using tilewright::EngineKind;
using tilewright::GlobalAddress;

namespace {

tilewright::ChipConfig by_sizes(Size main_memory_size, Size scratchpad_size) {
    SimulatorConfig config;
    config.memory_bank_count = 1;
    config.scratchpad_count = 1;
    tilewright::ChipConfig chip = chip_config(config);
    chip.dram_bank_bytes = main_memory_size;
    chip.scratchpad_bytes = scratchpad_size;
    chip.check();
    return chip;
}

}  // namespace

KPUSimulator::KPUSimulator(tilewright::Device& device, bool alone) : device_(&device) {
    if (alone) blank_ = device_->snapshot();
    recorder_ = std::make_unique<Recorder>();
    device_->observe(*recorder_);
    begin_counting();
}

KPUSimulator::KPUSimulator(std::unique_ptr<tilewright::Device> device)
    : KPUSimulator(*device, true) {
    own_ = std::move(device);
}

KPUSimulator::KPUSimulator(const SimulatorConfig& config)
    : KPUSimulator(std::make_unique<tilewright::Device>(chip_config(config))) {}

KPUSimulator::KPUSimulator(Size main_memory_size, Size scratchpad_size)
    : KPUSimulator(
          std::make_unique<tilewright::Device>(by_sizes(main_memory_size, scratchpad_size))) {}

KPUSimulator::~KPUSimulator() {
    if (device_->is_open()) device_->forget(*recorder_);
}

void KPUSimulator::begin_counting() {
    recorder_->clear();
    origin_ = count(device_->cycle());
    before_ = device_->counters();
    host_ms_ = 0;
}

// --- Commands -----------------------------------------------------------------------------------

void KPUSimulator::submit(EngineKind kind, Size id, const tilewright::Work& work,
                          Callback callback) {
    const EngineId engine{kind, static_cast<std::uint32_t>(std::min<Size>(id, ~0u))};
    device_->submit(engine, {.work = work}, with_faults(engine, work, std::move(callback)));
}

void KPUSimulator::start_dma_transfer(Size dma_id, Address src_addr, Address dst_addr, Size size,
                                      Callback callback) {
    submit(EngineKind::dma, dma_id,
           tilewright::DmaCopy{.source = GlobalAddress{src_addr},
                               .destination = GlobalAddress{dst_addr},
                               .bytes = size},
           std::move(callback));
}

void KPUSimulator::dma_between(MemoryKind from, MemoryKind to, Size dma_id, Address src_addr,
                               Address dst_addr, Size size, Callback callback) {
    const auto check = [&](const char* name, Address address, MemoryKind wanted) {
        const auto place = device_->map().resolve(GlobalAddress{address}, size);
        if (place.kind != wanted) {
            throw AddressError(std::string(name) + ": expected an address in a " +
                               user_name(wanted) + ", got one in a " + user_name(place.kind));
        }
    };
    check("src_addr", src_addr, from);
    check("dst_addr", dst_addr, to);
    start_dma_transfer(dma_id, src_addr, dst_addr, size, std::move(callback));
}

namespace {

std::uint32_t small(const char* name, Size value) {
    if (value > ~std::uint32_t{0}) {
        throw tilewright::ArgumentError(std::string(name) + ": expected at most 4294967295, got " +
                                        std::to_string(value));
    }
    return static_cast<std::uint32_t>(value);
}

}  // namespace

void KPUSimulator::start_block_transfer(Size mover_id, Size src_l3, Address src_offset, Size dst_l2,
                                        Address dst_offset, Size height, Size width,
                                        Size element_size, Transform transform, Callback callback) {
    submit(EngineKind::block_mover, mover_id,
           tilewright::BlockMove{.source = global(MemoryKind::l3, src_l3, src_offset, 0),
                                 .destination = global(MemoryKind::l2, dst_l2, dst_offset, 0),
                                 .height = small("height", height),
                                 .width = small("width", width),
                                 .element_bytes = small("element_size", element_size),
                                 .transform = transform},
           std::move(callback));
}

void KPUSimulator::stream(tilewright::StreamMove::Order order, Size streamer_id, Size l2_bank,
                          Address l2_offset, Size l1_buffer, Address l1_offset, Size height,
                          Size width, Size element_size, bool l2_to_l1, Callback callback) {
    using Direction = tilewright::StreamMove::Direction;
    submit(
        EngineKind::streamer, streamer_id,
        tilewright::StreamMove{.l2 = global(MemoryKind::l2, l2_bank, l2_offset, 0),
                               .l1 = global(MemoryKind::l1_buffer, l1_buffer, l1_offset, 0),
                               .height = small("height", height),
                               .width = small("width", width),
                               .element_bytes = small("element_size", element_size),
                               .order = order,
                               .direction = l2_to_l1 ? Direction::to_array : Direction::from_array},
        std::move(callback));
}

void KPUSimulator::start_row_stream(Size streamer_id, Size l2_bank, Address l2_offset,
                                    Size l1_buffer, Address l1_offset, Size height, Size width,
                                    Size element_size, bool l2_to_l1, Callback callback) {
    stream(tilewright::StreamMove::Order::rows, streamer_id, l2_bank, l2_offset, l1_buffer,
           l1_offset, height, width, element_size, l2_to_l1, std::move(callback));
}

void KPUSimulator::start_column_stream(Size streamer_id, Size l2_bank, Address l2_offset,
                                       Size l1_buffer, Address l1_offset, Size height, Size width,
                                       Size element_size, bool l2_to_l1, Callback callback) {
    stream(tilewright::StreamMove::Order::columns, streamer_id, l2_bank, l2_offset, l1_buffer,
           l1_offset, height, width, element_size, l2_to_l1, std::move(callback));
}

void KPUSimulator::start_matmul(Size tile_id, Size scratchpad_id, Size m, Size n, Size k,
                                Address a_addr, Address b_addr, Address c_addr, Callback callback) {
    submit(
        EngineKind::systolic_array, tile_id,
        tilewright::ArrayMatmul{.a = global(MemoryKind::scratchpad, scratchpad_id, a_addr, 0),
                                .b = global(MemoryKind::scratchpad, scratchpad_id, b_addr, 0),
                                .result = global(MemoryKind::scratchpad, scratchpad_id, c_addr, 0),
                                .m = small("m", m),
                                .n = small("n", n),
                                .k = small("k", k)},
        std::move(callback));
}

bool KPUSimulator::is_busy(EngineKind kind, Size id) const {
    return !device_->idle({kind, static_cast<std::uint32_t>(std::min<Size>(id, ~0u))});
}

Size KPUSimulator::engine_count(EngineKind kind) const {
    const tilewright::ChipConfig& chip = device_->config();
    switch (kind) {
        case EngineKind::dma:
            return chip.dma_engine_count;
        case EngineKind::block_mover:
            return chip.block_mover_count;
        case EngineKind::streamer:
            return chip.streamer_count;
        case EngineKind::systolic_array:
            return chip.systolic_array_count;
    }
    return 0;
}

namespace {

// From the top, because users begin to write at the bottom, by address. In one bank, where the rows
// of a block are one transfer; round all banks if that one is full.
tilewright::Buffer allocate_at_top(tilewright::Device& device, Size bytes, std::uint32_t bank) {
    const std::uint32_t banks = device.config().dram_bank_count;
    tilewright::Placement placement = tilewright::Placement::in_bank(banks == 0 ? 0 : bank % banks);
    placement.from_top = true;
    try {
        return device.allocate(bytes, placement);
    } catch (const tilewright::OutOfMemoryError&) {
        placement = tilewright::Placement::interleaved();
        placement.from_top = true;
        return device.allocate(bytes, placement);
    }
}

}  // namespace

tilewright::MatmulReport KPUSimulator::matmul(const void* a, const void* b, void* c, Size m, Size n,
                                              Size k, tilewright::DataType type,
                                              const tilewright::RunOptions& options) {
    const Size element = tilewright::size_of(type);
    const Size result = m * n * tilewright::size_of(tilewright::accumulator_of(type));
    if (m == 0 || n == 0 || k == 0) {
        std::memset(c, 0, result);
        return {};
    }
    const tilewright::Buffer left = allocate_at_top(*device_, m * k * element, 0);
    const tilewright::Buffer right = allocate_at_top(*device_, k * n * element, 1);
    const tilewright::Buffer product = allocate_at_top(*device_, result, 2);
    left.write({static_cast<const std::byte*>(a), m * k * element});
    right.write({static_cast<const std::byte*>(b), k * n * element});
    tilewright::MatmulReport report;
    let_pass([&] {
        report = device_->matmul(left, right, product, {m, n, k}, {.type = type}, nullptr, options);
    });
    product.read({static_cast<std::byte*>(c), result});
    return report;
}

// --- Time ---------------------------------------------------------------------------------------

template <class F>
void KPUSimulator::let_pass(F&& how) {
    using Clock = std::chrono::steady_clock;
    struct Watch {
        double& total;
        Clock::time_point start = Clock::now();
        ~Watch() {
            total += std::chrono::duration<double, std::milli>(Clock::now() - start).count();
        }
    } const watch{host_ms_};
    how();
}

void KPUSimulator::step(const tilewright::RunOptions& options) {
    let_pass([&] { device_->step(options); });
}

void KPUSimulator::run_until_idle(const tilewright::RunOptions& options) {
    let_pass([&] { device_->run_until_idle(options); });
}

bool KPUSimulator::is_idle() const {
    for (const EngineKind kind : {EngineKind::dma, EngineKind::block_mover, EngineKind::streamer,
                                  EngineKind::systolic_array}) {
        for (std::uint32_t i = 0; i < engine_count(kind); ++i) {
            if (!device_->idle({kind, i})) return false;
        }
    }
    return true;
}

void KPUSimulator::reset() {
    if (!blank_.bytes.empty()) {
        device_->abort();
        device_->restore(blank_);
    } else if (device_->busy()) {
        throw tilewright::BusyError(
            "reset: the device is shared and has work under way; run_until_idle() first");
    }
    begin_counting();
}

std::uint64_t KPUSimulator::get_current_cycle() const {
    return count(device_->cycle()) - origin_;
}

double KPUSimulator::get_elapsed_time_ms() const {
    return static_cast<double>(get_current_cycle()) / (device_->config().clock_mhz * 1e3);
}

double KPUSimulator::get_host_time_ms() const {
    return host_ms_;
}

}  // namespace stillwater::kpu
