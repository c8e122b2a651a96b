// libFuzzer target: any bytes at all as a chip: a preset, numbers for some of its fields, and other
// lists of tiles, cores and ports. The check refuses it, or the chip opens, works, and goes on from
// its own snapshot.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "seeds.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/runtime/device.hpp"

namespace {

using namespace tilewright;

Router router(FuzzedDataProvider& bytes) {
    return {bytes.ConsumeIntegralInRange<std::uint16_t>(0, 80),
            bytes.ConsumeIntegralInRange<std::uint16_t>(0, 80)};
}

std::vector<CoreConfig> cores(FuzzedDataProvider& bytes) {
    std::vector<CoreConfig> result(bytes.ConsumeIntegralInRange<std::size_t>(0, 9));
    for (CoreConfig& core : result) {
        core.isa = bytes.ConsumeBool() ? "rv32im_zicsr_zaamo_zawrs_zalrsc"
                                       : bytes.ConsumeRandomLengthString(40);
        core.local_bytes = bytes.ConsumeIntegralInRange<std::uint32_t>(0, 70) * 1024;
        core.kind = static_cast<CoreKind>(bytes.ConsumeIntegralInRange(0, 5));
    }
    return result;
}

void change_a_list(ChipConfig& config, FuzzedDataProvider& bytes) {
    const auto count = bytes.ConsumeIntegralInRange<std::size_t>(0, 12);
    switch (bytes.ConsumeIntegralInRange(0, 5)) {
        case 0:
            config.tile_router_x.assign(count, bytes.ConsumeIntegral<std::uint8_t>());
            break;
        case 1:
            config.tile_router_y.push_back(bytes.ConsumeIntegral<std::uint8_t>());
            break;
        case 2:
            config.cores = cores(bytes);
            break;
        case 3:
            config.control_tiles.push_back({router(bytes), cores(bytes)});
            break;
        case 4:
            config.dram.push_back({router(bytes), router(bytes)});
            break;
        default:
            config.host_router = router(bytes);
    }
}

void change_a_field(ChipConfig& config, FuzzedDataProvider& bytes) {
    const std::vector<Field> fields = scalar_fields(config);
    const Field& field = fields[bytes.ConsumeIntegralInRange<std::size_t>(0, fields.size() - 1)];
    FieldValue value = bytes.ConsumeFloatingPoint<double>();
    if (bytes.ConsumeBool()) {
        // Small numbers are those that fit.
        value = bytes.ConsumeIntegral<std::int64_t>() >> bytes.ConsumeIntegralInRange(0, 63);
    }
    set_field(config, field.name, value);
}

void use(FuzzedDataProvider& bytes) {
    ChipConfig config = preset(bytes.PickValueInArray({"tiny", "kpu"}));
    while (bytes.remaining_bytes() != 0) {
        bytes.ConsumeBool() ? change_a_list(config, bytes) : change_a_field(config, bytes);
    }
    config.check();
    Device device(config);
    start_work(device);
    device.advance_to(device.cycle() + 500);
    device.restore(device.snapshot());
    device.finish({.cycle_limit = 20'000, .stop_requested = {}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider bytes(data, size);
    try {
        use(bytes);
    } catch (const Error&) {
        // What a chip that cannot be, and work that does not end, must end in.
    }
    return 0;
}
