// What the host's software and ours on the cores agree on: what lies where in reserved L1, launch
// arguments, circular buffers, semaphores, calls to the environment, what a kernel says of itself.
//
// Both sides are compiled against it, and no hardware knows it. Freestanding: constants and plain
// structs of 32-bit words.
#pragma once

#include <cstdint>

#include "tilewright/tile/address_space.hpp"

namespace tilewright::abi {

// --- Reserved L1 --------------------------------------------------------------------------------

/// L1 starts at 0. Below this a kernel may read but not write: launch arguments and semaphores.
inline constexpr std::uint32_t l1_user_base = 0x0002'0000;

/// Launch arguments of processor p of the tile: words from arguments_base + p * arguments_stride.
inline constexpr std::uint32_t arguments_base = 0x0000'0000;
inline constexpr std::uint32_t arguments_stride = 0x800;
inline constexpr std::uint32_t max_argument_words = arguments_stride / 4;

/// Words in reserved L1 for synchronising: atomics, stores of whole words and NoC writes of one
/// word may change them, nothing else. Semaphores of the device come first.
inline constexpr std::uint32_t semaphore_base = 0x0001'0000;
inline constexpr std::uint32_t semaphore_count = 1024;
/// Circular buffer i of the tile: pages pushed at its stride, pages popped a word further. Both
/// count round 2^32.
inline constexpr std::uint32_t circular_buffer_counters = 0x0001'1000;
inline constexpr std::uint32_t circular_buffer_counters_stride = 8;
inline constexpr std::uint32_t circular_buffer_count = 32;
/// Semaphores that a program numbers for itself, as far apart as NoC transfers must be aligned.
inline constexpr std::uint32_t program_semaphore_base = 0x0001'1100;
inline constexpr std::uint32_t program_semaphore_stride = 16;
inline constexpr std::uint32_t program_semaphore_count = 32;

/// Through these words processor p of the tile is handed the tasks of graphs
/// (firmware/graph_layout.hpp): from mailbox_base + p * mailbox_stride.
inline constexpr std::uint32_t mailbox_base = 0x0001'1300;
inline constexpr std::uint32_t mailbox_stride = 32;

/// Where the tile's circular buffers lie, for all its cores; written by the host at launch. One
/// with no pages does not exist.
inline constexpr std::uint32_t circular_buffer_table = 0x0001'2000;
struct CircularBuffer {
    std::uint32_t address;     ///< in L1
    std::uint32_t page_bytes;  ///< what one page takes
    std::uint32_t pages;       ///< that it holds
    std::uint32_t bytes;       ///< page_bytes * pages
};

// --- Calls to the environment (ecall), by the number in a0 --------------------------------------

inline constexpr std::uint32_t environment_end = 0;  ///< the kernel has ended
/// Run the image with the number in a1 as a kernel, with the a3 words at address a2 as its launch
/// arguments; the caller goes on behind the ecall when that has ended. The image begins with its
/// caller's sp and tp, and other registers zero.
inline constexpr std::uint32_t environment_call_image = 1;
/// The tile begins a program of kernels, as at a launch: its compute engine is as after a reset,
/// and of the a2 words at address a1 of direct memory each two, an address and a count, say where
/// in reserved L1 those behind them go, which are so many.
inline constexpr std::uint32_t environment_begin_program = 2;

// --- Launch arguments ---------------------------------------------------------------------------

/// How a buffer arrives in a kernel. Page p lies in bank p % bank_count (counted from `node`), at
/// address + p / bank_count * page_bytes. A buffer in one L1 has bank_count 1 and a tile as node,
/// pinned memory of the host likewise with the host as node.
struct BufferRef {
    std::uint32_t address;     ///< offset in each bank, or in the L1
    std::uint32_t bytes;       ///< size of the whole buffer
    std::uint32_t page_bytes;  ///< bytes that lie together in one bank
    std::uint32_t bank_count;  ///< banks that the pages go round
    std::uint32_t node;        ///< abi::node of the first bank, or of the tile
};

/// One letter for each kernel parameter, in the ELF section `.tilewright.signature`; every
/// parameter takes whole words in the order of the list: u i f 1, U I d 2 (low word first), B 5,
/// S 1.
inline constexpr char signature_section[] = ".tilewright.signature";

/// Signal sites: where a kernel has code that gives others what they wait for, in the ELF section
/// `.tilewright.signals`, which is not loaded: three words for each site, the signal, what it is on
/// (the index of a circular buffer; the byte address of a word in L1; or any_object, if that is
/// computed), and the address of the code. For reports of deadlocks.
inline constexpr char signals_section[] = ".tilewright.signals";
inline constexpr std::uint32_t any_object = 0xFFFF'FFFF;
enum class Signal : std::uint32_t {
    pushes_pages = 1,
    pops_pages = 2,
    sets_word = 3,  ///< as a semaphore: writes it whole, or adds to it
    /// Loads a counter of a circular buffer, to see whether so many pages are free, or pushed: the
    /// second word is that number, or an instruction whose rs1 is the register that holds it.
    asks_for_pages = 4,
    asks_for_pages_in_register = 5,
};
/// Calls of the compute API, in the ELF section `.tilewright.calls`, which is not loaded: four
/// words for each place. The fields of CallNote, a byte each, in two of them (the first field
/// lowest); an address; and 0, or the offset of a text in the section `.tilewright.call_names`. It
/// is of the first word of the engine at or behind that address.
inline constexpr char calls_section[] = ".tilewright.calls";
inline constexpr char call_names_section[] = ".tilewright.call_names";
inline constexpr std::uint8_t no_format = 0xff;
struct CallNote {
    enum class What : std::uint8_t {
        sets_up = 1,  ///< the core's part of the engine, for `setup`
        uses,         ///< a call for which it has to be set up so; it computes in Dst
        configures,   ///< unpackers (packers) for formats of these buffers, if they are any
        reads,        ///< tiles of these buffers, by unpackers; for `setup`, rows or none
        packs,        ///< from Dst to the first buffer
        masks,        ///< packers, for what reductions give
        unmasks,
        acquires,  ///< Dst, to compute or (waits) to pack, and gives it back
        commits,
        waits,
        releases,
        /// The vector unit's: the text names the call, a space, and its init call. Not followed in
        /// order: an init call anywhere in the kernel will do.
        uses_vector,
        sets_up_vector,  ///< the text names the init call; there is no address
    };
    What what{};
    std::uint8_t setup = 0;    ///< call_setup
    std::uint8_t buffer0 = 0;  ///< of SrcA; of the packers
    std::uint8_t format0 = no_format;
    std::uint8_t buffer1 = 0;  ///< of SrcB
    std::uint8_t format1 = no_format;
};
/// What the matrix unit is set up for; unpackers, for rows of a matrix or for whole tiles.
namespace call_setup {
inline constexpr std::uint8_t copy = 1, matmul = 2, transpose = 3, transpose_dest = 4, rows = 5,
                              whole_tiles = 6;
/// Plus 4 times the operation (product, sum, difference) plus the broadcast (none, columns, rows,
/// scalar).
inline constexpr std::uint8_t binary = 0x10;
/// Plus 4 times the pool (sum, maximum) plus the dimension (row, column, all).
inline constexpr std::uint8_t reduce = 0x20;
/// Plus 4 times the operation plus the source that Dst comes by (SrcA, SrcB).
inline constexpr std::uint8_t reuse = 0x40;
/// Plus the broadcast, of one tile.
inline constexpr std::uint8_t unary_broadcast = 0x50;
}  // namespace call_setup

enum class Parameter : char {
    u32 = 'u',
    i32 = 'i',
    f32 = 'f',
    u64 = 'U',
    i64 = 'I',
    f64 = 'd',
    buffer = 'B',
    semaphore = 'S',  ///< core address of the word, the same in every tile
};

}  // namespace tilewright::abi
