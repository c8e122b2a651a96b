// A hart with plain memories and a few device registers, for tests of the core alone.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <vector>

#include "assembler.hpp"
#include "tilewright/riscv/code.hpp"
#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/riscv/run_context.hpp"

namespace tilewright::riscv::test {

inline constexpr Word text_base = 0x0040'0000;
inline constexpr Word far_base = 0x0001'0000;
inline constexpr Word near_base = 0xFFB0'0000;
inline constexpr Word device_base = 0xFFB2'0000;  ///< `device_words` registers, synchronising
inline constexpr Word image_base = 0xFFC0'0000;
inline constexpr Word memory_bytes = 4096;  ///< of each memory
inline constexpr Word device_words = 16;

/// All instructions of 32 bits.
inline Isa everything() {
    return parse_isa("rv32imf_zicsr_zifencei_zaamo_zalrsc_zawrs_zba_zbb");
}
/// ... and 16-bit instructions, with which addresses of instructions are multiples of 2.
inline Isa everything_short() {
    return everything().add(Extension::c);
}

/// Far memory can be reached through the map or only through the bus; device registers remember
/// what is written and keep a log.
class FlatMachine : public Bus {
public:
    struct Event {
        char kind;
        Word address;
        Word value;
        std::uint64_t cycle;
        bool operator==(const Event&) const = default;
    };

    FlatMachine()
        : near(memory_bytes), far(memory_bytes), image(memory_bytes), device(device_words) {
        memory.near = {near_base, memory_bytes, near.data()};
        memory.far = {far_base, memory_bytes, far.data()};
        memory.far_store = memory.far;
        memory.image = {image_base, memory_bytes, image.data()};
    }
    FlatMachine(const FlatMachine&) = delete;
    FlatMachine& operator=(const FlatMachine&) = delete;

    /// With one context for all calls, as the owner of a hart keeps it.
    Stop run(const Code& code) {
        context.set_code(code);
        if (context.memory() != memory) context.set_memory(memory);
        return context.run(hart, *this, limits, fault);
    }
    void start(Word pc = text_base) { hart.pc = hart.block = pc; }

    bool synchronising(Word address) const override { return address - device_base < 0x1000; }
    bool queues_stores(Word address) const override { return address - far_base < memory_bytes; }

    Access load(Word address, Word bytes, std::uint64_t cycle) override {
        enter('l', address, 0, cycle);
        Access a;
        if (const std::byte* at = find(address, bytes)) {
            std::memcpy(&a.value, at, bytes);
        } else if (address - device_base < device_words * 4) {
            a.value = device[(address - device_base) / 4];
            a.latency = device_latency;
        } else {
            a.cause = Cause::load_unmapped;
        }
        return a;
    }
    Cause store(Word address, Word bytes, Word value, std::uint64_t cycle) override {
        enter('s', address, value, cycle);
        if (retries > 0) {
            --retries;
            return Cause::retry;
        }
        if (std::byte* at = find(address, bytes)) {
            std::memcpy(at, &value, bytes);
            return Cause::none;
        }
        if (address - image_base < memory_bytes) return Cause::store_read_only;
        if (address - device_base >= device_words * 4) return Cause::store_unmapped;
        device[(address - device_base) / 4] = value;
        return Cause::none;
    }
    Access atomic(AtomicOp op, Word address, Word operand, std::uint64_t cycle) override {
        enter('a', address, operand, cycle);
        std::byte* at = find(address, 4);
        if (at == nullptr) return {0, Cause::store_unmapped, 0};
        Access a;
        std::memcpy(&a.value, at, 4);
        const Word result = apply(op, a.value, operand);
        std::memcpy(at, &result, 4);
        return a;
    }
    Access load_reserved(Word address, std::uint64_t cycle) override {
        enter('r', address, 0, cycle);
        const std::byte* at = find(address, 4);
        if (at == nullptr) return {0, Cause::load_unmapped, 0};
        Access a;
        std::memcpy(&a.value, at, 4);
        return a;
    }
    Cause store_conditional(Word address, Word value, std::uint64_t cycle) override {
        enter('c', address, value, cycle);
        std::byte* at = find(address, 4);
        if (at == nullptr) return Cause::store_unmapped;
        std::memcpy(at, &value, 4);
        return Cause::none;
    }

    Word far_word(Word offset) const {
        Word value = 0;
        std::memcpy(&value, far.data() + offset, 4);
        return value;
    }
    Word near_word(Word offset) const {
        Word value = 0;
        std::memcpy(&value, near.data() + offset, 4);
        return value;
    }

    HartState hart;
    MemoryMap memory;  ///< what a bus call changes in it holds from the next run on
    RunContext context;
    Limits limits;
    Fault fault;
    std::vector<std::byte> near, far, image;
    std::vector<Word> device;
    Word device_latency = 7;
    int retries = 0;  ///< stores that are told to come again
    std::vector<Event> log;
    std::function<void(const Event&)> on_event;  ///< called first; may throw

private:
    void enter(char kind, Word address, Word value, std::uint64_t cycle) {
        const Event event{kind, address, value, cycle};
        if (on_event) on_event(event);
        log.push_back(event);
    }
    std::byte* find(Word address, Word bytes) {
        const Word offset = address - far_base;
        return offset <= memory_bytes - bytes ? far.data() + offset : nullptr;
    }
};

}  // namespace tilewright::riscv::test
