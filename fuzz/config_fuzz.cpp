// libFuzzer target: any bytes at all as a chip: a preset, numbers for some of its fields, and other
// lists of tiles, cores and ports. The check refuses it, or the chip opens, works, and goes on from
// its own snapshot.
#include <cstddef>
#include <cstdint>
#include <string>

#include "draws.hpp"
#include "entry.hpp"
#include "seeds.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/runtime/device.hpp"

namespace {

using namespace tilewright;

Router router(Draws& bytes) {
    return {bytes.between<std::uint16_t>(0, 80), bytes.between<std::uint16_t>(0, 80)};
}

std::vector<CoreConfig> cores(Draws& bytes) {
    std::vector<CoreConfig> result(bytes.between<std::size_t>(0, 9));
    for (CoreConfig& core : result) {
        core.isa = bytes.flag() ? "rv32im_zicsr_zaamo_zawrs_zalrsc" : bytes.text(40);
        core.local_bytes = bytes.between<std::uint32_t>(0, 70) * 1024;
        core.kind = static_cast<CoreKind>(bytes.between(0, 5));
    }
    return result;
}

void change_a_list(ChipConfig& config, Draws& bytes) {
    const auto count = bytes.between<std::size_t>(0, 12);
    switch (bytes.between(0, 5)) {
        case 0:
            config.tile_router_x.assign(count, bytes.number<std::uint8_t>());
            break;
        case 1:
            config.tile_router_y.push_back(bytes.number<std::uint8_t>());
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

void change_a_field(ChipConfig& config, Draws& bytes) {
    const std::vector<Field> fields = scalar_fields(config);
    const Field& field = fields[bytes.between<std::size_t>(0, fields.size() - 1)];
    FieldValue value = bytes.real();
    if (bytes.flag()) {
        // Small numbers are those that fit.
        value = bytes.number<std::int64_t>() >> bytes.between(0, 63);
    }
    set_field(config, field.name, value);
}

void use(Draws& bytes) {
    ChipConfig config = preset(bytes.flag() ? "kpu" : "tiny");
    while (bytes.left() != 0) {
        bytes.flag() ? change_a_list(config, bytes) : change_a_field(config, bytes);
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
    Draws bytes(data, size);
    try {
        use(bytes);
    } catch (const Error&) {
        // What a chip that cannot be, and work that does not end, must end in.
    }
    return 0;
}
