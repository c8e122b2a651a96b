// The engine's configuration as the units read it, and writes to it with what they set off.
#pragma once

#include <array>
#include <cstdint>

#include "tilewright/tensix/config_fields.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

constexpr std::uint32_t extract(std::uint32_t word, unsigned low, unsigned width) {
    return width == 0 ? 0 : word >> low & (~0u >> (32 - width));
}

/// The configuration as one thread sees it.
class ConfigView {
public:
    ConfigView(const State& state, Architecture architecture, unsigned thread)
        : architecture_(architecture),
          own_(&state.threads[thread].config),
          shared_(&state.config[extract((*own_)[0], 0, 1)]) {}

    std::uint32_t operator()(const ConfigField& field) const {
        const Place place = field.places[static_cast<std::size_t>(architecture_)];
        return extract((*shared_)[place.word], place.low, place.width);
    }
    /// The same where the compiler is to know the architecture, and with it all places.
    ConfigView on(Architecture architecture) const {
        ConfigView view = *this;
        view.architecture_ = architecture;
        return view;
    }
    unsigned bank() const { return extract((*own_)[0], 0, 1); }
    bool is(const ConfigField& field) const { return (*this)(field) != 0; }
    std::uint32_t own(const ThreadField& field) const {
        const Place place = field.places[static_cast<std::size_t>(architecture_)];
        return extract((*own_)[place.word], place.low, place.width);
    }
    /// A field of section 0 or 1, by its word in the section.
    std::uint32_t in_section(unsigned section, unsigned word, unsigned low, unsigned width) const {
        const ConfigField& first = section == 0 ? config::section0 : config::section1;
        const Place place = first.places[static_cast<std::size_t>(architecture_)];
        return extract((*shared_)[place.word + word], low, width);
    }

private:
    Architecture architecture_;
    const std::array<std::uint16_t, thread_config_words>* own_;
    const std::array<std::uint32_t, config_words>* shared_;
};

/// A write of a word of the shared configuration, with what it sets off. TensixFault for a word
/// that the architecture does not have. A store to the register that resets a bank does that
/// whatever is stored, but not when an instruction changes a byte of it (`whole` is false).
void write_config(State& state, Architecture architecture, unsigned bank, std::uint32_t word,
                  std::uint32_t value, bool whole = true);
/// A word of the shared configuration; TensixFault as above.
std::uint32_t read_config(const State& state, Architecture architecture, unsigned bank,
                          std::uint32_t word);
/// The same for a word of a thread's own.
void write_thread_config(State& state, Architecture architecture, unsigned thread,
                         std::uint32_t word, std::uint16_t value);

}  // namespace tilewright::tensix
