// Thread 0: from L1 to SrcA, SrcB or Dst.
//
// Places of tiles change from call to call. The core stores each into one of an unpacker's two
// contexts, which both take in turn: so the core can be a tile ahead of the unpackers. A semaphore
// counts the calls that are under way.
#pragma once

#include <cstdint>

#include "tilewright/kernel/tensix/config.hpp"
#include "tilewright/kernel/tensix/format.hpp"
#include "tilewright/kernel/tensix/sync.hpp"

namespace tilewright::kernel::tensix {

/// What an unpacker reads, and what it makes of it.
struct UnpackFormat {
    Format in;
    Format out;
    bool to_dst = false;  ///< unpacker 0 only
    bool is_unsigned = false;
};

namespace unpacker {

// Words of the section that describes an unpacker (tensix/config.hpp).
inline constexpr std::uint32_t descriptor = 0, conversion = 8, contexts = 9, base = 12,
                               dst_places = 20, row_lengths = 22;

constexpr std::uint32_t word(unsigned which, std::uint32_t in_it) {
    return in_section(which, in_it, 0, 32).word;
}
/// The fields of `conversion` that depend on the format; as fast as L1 gives, and two contexts.
constexpr std::uint32_t conversion_bits(const UnpackFormat& format) {
    constexpr std::uint32_t four_ports = 2 << 4, two_contexts = 1 << 6;
    return static_cast<std::uint32_t>(format.out) | four_ports | two_contexts;
}
/// Contexts 0 and 1 go to SrcA (SrcB), 2 and 3 to Dst; none of the data are compressed.
inline constexpr std::uint32_t context_bits = 0xcf, first_to_dst = 2;
constexpr std::uint32_t descriptor_bits(const UnpackFormat& format) {
    constexpr std::uint32_t uncompressed = 1 << 4;
    return static_cast<std::uint32_t>(format.in) | uncompressed;
}

/// The context that is next, of both unpackers, and of unpacker 0 for Dst: as bytes from the first
/// one's address, 0 or 4.
inline std::uint32_t next_context, next_to_dst;

/// The configuration register of a word, `offset` bytes further.
TILEWRIGHT_DEVICE volatile std::uint32_t& register_at(std::uint32_t word, std::uint32_t offset) {
    constexpr std::uint32_t base = abi::compute_registers + abi::compute_register::configuration;
    // The offset first: the compiler then reaches all words from one register.
    return *(reinterpret_cast<volatile std::uint32_t*>(base + offset) + word);
}

}  // namespace unpacker

/// Which numbers of a tile the next UNPACRs read.
TILEWRIGHT_DEVICE void unpack_numbers(std::uint32_t unpackers, std::uint32_t count) {
    issue(op::setadcxx{.start = 0, .end = count - 1, .units = unpackers});
}

/// All that an unpacker has to know, before it is used and again for other operands.
TILEWRIGHT_DEVICE void start_unpacker(unsigned which, const UnpackFormat& format) {
    using namespace unpacker;
    wait_until_done();  // what was told before needs the old values
    store_config(word(which, descriptor), descriptor_bits(format) | face_numbers << 16);
    store_config(word(which, descriptor + 1), 1 | 4 << 16);  // rows of a face, faces
    store_config(word(which, descriptor + 2), 1);
    store_config(word(which, descriptor + 3), 0);
    store_config(word(which, conversion), conversion_bits(format));
    store_config(word(which, contexts), context_bits);
    if (which == 0) {
        constexpr std::uint32_t first_row = 4 * 16;  // where SrcA begins
        store_config(word(which, dst_places), first_row | first_row << 16);
        store_config(word(which, row_lengths), face_numbers | face_numbers << 16);
        store_config(word(which, row_lengths + 1), face_numbers | face_numbers << 16);
    }
    configure(which == 0 ? config::a_unsigned : config::b_unsigned, format.is_unsigned ? 1 : 0);
}

/// All tiles whole.
TILEWRIGHT_DEVICE void start_unpacking() {
    configure_thread(thread_config::context_offset0, 0);
    // Rows of SrcA are addressed from its start, not sets of 16.
    configure_thread(thread_config::a_row_from_address, 4);
    configure_thread(thread_config::b_first_set, 0);
    issue(op::setadcxy{.which = 0xf, .units = 3});
    issue(op::setadczw{.which = 0xf, .units = 3});
    unpack_numbers(3, tile_numbers);
}

/// Another format, behind what was told before.
TILEWRIGHT_DEVICE void change_unpacker(unsigned which, const UnpackFormat& format) {
    using namespace unpacker;
    stall(block::configuration, until::unpack);
    configure(in_section(which, descriptor, 0, 8), descriptor_bits(format));
    configure(in_section(which, conversion, 0, 8), conversion_bits(format));
    configure(which == 0 ? config::a_unsigned : config::b_unsigned, format.is_unsigned ? 1 : 0);
}

/// Whether unpacker 0 transposes each face.
TILEWRIGHT_DEVICE void transpose_faces(bool transpose) {
    stall(block::configuration, until::unpack);
    configure(in_section(0, unpacker::conversion, 8, 1), transpose ? 1 : 0);
}

/// A call for a tile or two. Made, it looks how many are under way; it waits until there is room;
/// places are set, then used by instructions between open() and close().
class UnpackCall {
public:
    TILEWRIGHT_DEVICE void wait() const {
        if (under_way_ < 2) [[likely]]
            return;
        while (semaphore_value(semaphore::contexts) >= 2) {
        }
    }
    /// The tile's address in L1, in bytes, a multiple of 16.
    TILEWRIGHT_DEVICE void set(unsigned which, std::uint32_t address) const {
        using namespace unpacker;
        // The hardware adds the size of a header, which tiles do not have here.
        register_at(word(which, base), next_) = (address >> 4) - 1;
    }
    /// Of a tile of unpacker 0 that goes to Dst: its address, and its first row there. Returns what
    /// use_context() takes.
    TILEWRIGHT_DEVICE std::uint32_t set_to_dst(std::uint32_t address, std::uint32_t row) const {
        using namespace unpacker;
        const std::uint32_t next = next_to_dst;
        register_at(word(0, base + first_to_dst), next) = (address >> 4) - 1;
        volatile std::uint32_t& place = register_at(word(0, dst_places + 1), 0);
        const std::uint32_t shift = 4 * next;
        place = (place & ~(0xffffu << shift)) | ((row + 4) * 16) << shift;
        next_to_dst = next ^ 4;
        return next / 4;
    }
    TILEWRIGHT_DEVICE void open() const { post_now(semaphore::contexts); }
    TILEWRIGHT_DEVICE void close() const { get(semaphore::contexts); }
    /// The number of its context, for use_context().
    TILEWRIGHT_DEVICE std::uint32_t context() const { return next_ / 4; }
    /// Of a call that has used a context of each unpacker.
    TILEWRIGHT_DEVICE void step() const { unpacker::next_context = next_ ^ 4; }

private:
    std::uint32_t under_way_ = semaphore_value(semaphore::contexts);
    std::uint32_t next_ = unpacker::next_context;
};

/// All numbers that unpack_numbers() said, and the matrix unit's turn.
TILEWRIGHT_DEVICE void unpack(unsigned which) {
    issue(op::unpacr{.context_counter = 1, .set_valid = 1, .contexts = 1, .unpacker = which});
}

/// Of calls of several instructions: the context that they add to the one they name, 0 or 1; 0
/// again behind them.
TILEWRIGHT_DEVICE void use_context(std::uint32_t number) {
    configure_thread(thread_config::context_offset0, number * 0x0101);
}
/// And a step of what the unpackers count by themselves.
TILEWRIGHT_DEVICE void step_contexts() {
    issue(op::unpacr{.next_context = 1, .unpacker = 0});
    issue(op::unpacr{.next_context = 1, .unpacker = 1});
}

/// A tile to SrcA (0) or SrcB (1).
TILEWRIGHT_DEVICE void unpack_tile(const UnpackCall& call, unsigned which, std::uint32_t address) {
    call.wait();
    call.set(which, address);
    call.open();
    unpack(which);
    // The other one keeps step.
    issue(op::unpacr{.next_context = 1, .unpacker = 1 - which});
    call.close();
    call.step();
}
/// Tiles to both.
TILEWRIGHT_DEVICE void unpack_tiles(const UnpackCall& call, std::uint32_t a, std::uint32_t b) {
    call.wait();
    call.set(0, a);
    call.set(1, b);
    call.open();
    unpack(0);
    unpack(1);
    call.close();
    call.step();
}

/// Zeros in SrcA (0) or SrcB (1).
TILEWRIGHT_DEVICE void unpack_zeros(unsigned which) {
    if constexpr (wormhole) {
        issue(op::unpacr_nop{.what = 1, .unpacker = which});
        issue(op::unpacr_nop{.what = 7, .unpacker = which});
    } else {
        issue(op::unpacr_nop{.pop = 1, .set_valid = 1, .unpacker = which});
    }
}

}  // namespace tilewright::kernel::tensix
