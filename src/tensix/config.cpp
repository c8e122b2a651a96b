#include "tensix/config.hpp"

#include <algorithm>
#include <string>

#include "tensix/random.hpp"

namespace tilewright::tensix {
namespace {

std::uint32_t word_of(const ConfigField& field, Architecture architecture) {
    return field.places[static_cast<std::size_t>(architecture)].word;
}

void check_word(std::uint32_t word, std::uint32_t words, const char* what) {
    if (word >= words) {
        throw TensixFault(std::string(what) + " register " + std::to_string(word) + ": there are " +
                          std::to_string(words));
    }
}

}  // namespace

void write_config(State& state, Architecture architecture, unsigned bank, std::uint32_t word,
                  std::uint32_t value, bool whole) {
    check_word(word, config::words[static_cast<std::size_t>(architecture)], "configuration");
    const std::uint32_t first_global = word_of(config::first_global, architecture);
    if (whole && word == word_of(config::state_reset, architecture)) {
        std::fill_n(state.config[bank].begin(), first_global, 0);
        return;
    }
    state.config[bank][word] = value;
    if (word >= first_global) state.config[bank ^ 1][word] = value;
    if (word == word_of(config::random_seed, architecture)) seed_random(state.vector, value);
}

std::uint32_t read_config(const State& state, Architecture architecture, unsigned bank,
                          std::uint32_t word) {
    check_word(word, config::words[static_cast<std::size_t>(architecture)], "configuration");
    return state.config[bank][word];
}

void write_thread_config(State& state, Architecture architecture, unsigned thread,
                         std::uint32_t word, std::uint16_t value) {
    check_word(word, thread_config::words[static_cast<std::size_t>(architecture)],
               "thread configuration");
    state.threads[thread].config[word] = value;
    // A write to this register, of whatever value, resets the counters that it asks for.
    if (word == word_of(thread_config::context_offset0, architecture)) {
        const ConfigView config(state, architecture, thread);
        auto& contexts = state.threads[thread].unpack_context;
        if (config.own(thread_config::context_reset0) != 0) contexts[0] = 0;
        if (config.own(thread_config::context_reset1) != 0) contexts[1] = 0;
    }
}

}  // namespace tilewright::tensix
