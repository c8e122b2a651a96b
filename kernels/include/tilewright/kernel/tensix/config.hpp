// Writing the engine's configuration from a kernel. What is written by instructions comes in order
// with the thread's others; what is stored takes effect at once, so that nothing which the engine
// has been told before must still need the old value.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/instruction.hpp"
#include "tilewright/tensix/config_fields.hpp"

namespace tilewright::kernel::tensix {

using ::tilewright::tensix::ConfigField;
using ::tilewright::tensix::Place;
using ::tilewright::tensix::ThreadField;
namespace config = ::tilewright::tensix::config;
namespace thread_config = ::tilewright::tensix::thread_config;

constexpr Place place_of(const ConfigField& field) {
    return field.places[blackhole ? 1 : 0];
}
/// A field of the section that describes an unpacker (or a packer), by its word in the section.
constexpr Place in_section(unsigned section, unsigned word, unsigned low, unsigned width) {
    const Place first = place_of(section == 0 ? config::section0 : config::section1);
    return {static_cast<std::uint16_t>(first.word + word), static_cast<std::uint8_t>(low),
            static_cast<std::uint8_t>(width)};
}

/// Stores a word of the configuration, all 32 bits.
TILEWRIGHT_DEVICE void store_config(std::uint32_t word, std::uint32_t value) {
    device::write_register(abi::compute_registers + abi::compute_register::configuration + 4 * word,
                           value);
}

/// Changes a field by instructions, one for each byte that it reaches into.
TILEWRIGHT_DEVICE void configure(const Place& place, std::uint32_t value) {
    const std::uint32_t mask = (place.width == 32 ? ~0u : (1u << place.width) - 1) << place.low;
    const std::uint32_t bits = value << place.low;
    const std::uint32_t word = place.word;
    if ((mask & 0xff) != 0) {
        issue(op::rmwcib0{.word = word, .value = bits & 0xff, .mask = mask & 0xff});
    }
    if ((mask >> 8 & 0xff) != 0) {
        issue(op::rmwcib1{.word = word, .value = bits >> 8 & 0xff, .mask = mask >> 8 & 0xff});
    }
    if ((mask >> 16 & 0xff) != 0) {
        issue(op::rmwcib2{.word = word, .value = bits >> 16 & 0xff, .mask = mask >> 16 & 0xff});
    }
    if (mask >> 24 != 0) {
        issue(op::rmwcib3{.word = word, .value = bits >> 24, .mask = mask >> 24});
    }
}
TILEWRIGHT_DEVICE void configure(const ConfigField& field, std::uint32_t value) {
    configure(place_of(field), value);
}

/// Writes the whole register, of 16 bits, of the thread's own configuration that a field lies in.
TILEWRIGHT_DEVICE void configure_thread(const ThreadField& field, std::uint32_t value) {
    issue(op::setc16{.value = value, .word = place_of(field).word});
}

/// A general register of the thread, by two instructions.
TILEWRIGHT_DEVICE void set_register(std::uint32_t number, std::uint32_t value) {
    issue(op::setdmareg{.half = 2 * number, .value = value & 0xffff});
    issue(op::setdmareg{.half = 2 * number + 1, .value = value >> 16});
}

}  // namespace tilewright::kernel::tensix
