// What a handler of an instruction has at hand.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "tensix/config.hpp"
#include "tilewright/tensix/execute.hpp"
#include "tilewright/tensix/format_name.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

struct Context {
    State& state;
    Architecture architecture;
    unsigned thread;
    L1Port& l1;
    Effects& effects;
    ConfigView config;

    bool blackhole() const { return architecture == Architecture::blackhole; }
    ThreadState& own() const { return state.threads[thread]; }

    template <class T>
    T load(std::uint32_t address) const {
        check(address, sizeof(T));
        T value;
        std::memcpy(&value, l1.bytes.data() + address, sizeof(T));
        return value;
    }
    template <class T>
    void store(std::uint32_t address, T value) const {
        check(address, sizeof(T));
        std::memcpy(l1.bytes.data() + address, &value, sizeof(T));
    }
    /// These bytes, if they all lie in L1, else nullptr.
    std::byte* find(std::uint64_t address, std::uint64_t size) const {
        return address + size > l1.bytes.size() ? nullptr : l1.bytes.data() + address;
    }
    /// TensixFault unless these bytes lie in L1.
    void check(std::uint64_t address, std::uint64_t size) const {
        if (address + size > l1.bytes.size()) refuse_address(address, size);
    }
    /// Tell who watches L1, if there are any such bytes; they have to lie in it.
    void reading(std::uint32_t address, std::uint32_t size) const {
        check(address, size);
        if (size != 0) l1.reading({address, size});
    }
    void writing(std::uint32_t address, std::uint32_t size) const {
        check(address, size);
        if (size != 0) l1.writing({address, size});
    }

private:
    [[noreturn]] void refuse_address(std::uint64_t address, std::uint64_t size) const;
};

/// `use` with a context whose architecture the compiler knows: it finds fields of the configuration
/// at constant places. It has to be inline, always, as what it calls: compilers share copies that
/// differ in little.
template <class Use>
inline __attribute__((always_inline)) auto with_known_architecture(const Context& c, Use&& use) {
    constexpr Architecture blackhole = Architecture::blackhole, wormhole = Architecture::wormhole;
    if (c.architecture == blackhole) {
        return use(Context{c.state, blackhole, c.thread, c.l1, c.effects, c.config.on(blackhole)});
    }
    return use(Context{c.state, wormhole, c.thread, c.l1, c.effects, c.config.on(wormhole)});
}

/// Throws: the instruction asks for what the hardware leaves open or what is not modelled.
[[noreturn]] void refuse(std::string_view mnemonic, const std::string& why);

}  // namespace tilewright::tensix
