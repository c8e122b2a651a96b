// The memory map and the device registers of a tile, as its cores see them.
//
// The one place that both sides read: the simulator implements it, kernels are compiled against it.
// Freestanding on purpose: nothing here but constants and plain structs of 32-bit words.
#pragma once

#include <cstdint>

#include "tilewright/engine/limits.hpp"

namespace tilewright::abi {

// --- Core address space -------------------------------------------------------------------------

/// L1 starts at 0. Below this a kernel may read but not write: launch arguments and semaphores.
inline constexpr std::uint32_t l1_user_base = 0x0002'0000;

/// Launch arguments of processor p of the tile: words from arguments_base + p * arguments_stride.
inline constexpr std::uint32_t arguments_base = 0x0000'0000;
inline constexpr std::uint32_t arguments_stride = 0x800;
inline constexpr std::uint32_t max_argument_words = arguments_stride / 4;
inline constexpr std::uint32_t max_processors = 16;  ///< cores that a tile may have

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

constexpr bool is_synchronising_word(std::uint32_t address) {
    return address >= semaphore_base && address % 4 == 0 &&
           address < mailbox_base + max_processors * mailbox_stride;
}

/// Where the tile's circular buffers lie, for all its cores; written by the host at launch. One
/// with no pages does not exist.
inline constexpr std::uint32_t circular_buffer_table = 0x0001'2000;
struct CircularBuffer {
    std::uint32_t address;     ///< in L1
    std::uint32_t page_bytes;  ///< what one page takes
    std::uint32_t pages;       ///< that it holds
    std::uint32_t bytes;       ///< page_bytes * pages
};

/// Window onto external memory, on chips that have it: the DRAM banks one after another.
inline constexpr std::uint32_t direct_base = 0x8000'0000;
inline constexpr std::uint32_t max_direct_bytes = 0x7F00'0000;  ///< up to 0xFEFF'FFFF

/// The private memory of each core: globals from the bottom, the stack from the top.
inline constexpr std::uint32_t local_base = 0xFFB0'0000;

/// Read-only window onto the running kernel's image: code, constants, initial values of globals.
inline constexpr std::uint32_t image_base = 0xFFC0'0000;
inline constexpr std::uint32_t image_window_bytes = 0x0040'0000;

// --- Registers of the core itself ---------------------------------------------------------------

inline constexpr std::uint32_t core_registers = 0xFFB1'2000;
namespace core_register {
inline constexpr std::uint32_t tile = 0x00;       ///< read: logical x | y << 16
inline constexpr std::uint32_t processor = 0x04;  ///< read: index of this core in its tile
inline constexpr std::uint32_t grid = 0x08;       ///< read: columns | rows << 16 of the worker grid
inline constexpr std::uint32_t dram_banks = 0x0C;   ///< read: number of DRAM banks
inline constexpr std::uint32_t l1_bytes = 0x10;     ///< read: size of L1
inline constexpr std::uint32_t local_bytes = 0x14;  ///< read: size of this core's local memory
inline constexpr std::uint32_t print = 0x20;        ///< write: one byte of text for the host
/// write: a zone of the timeline begins; the address of its name, which ends with a zero byte and
/// lies in the image window (else the zone is called by the number)
inline constexpr std::uint32_t zone_begin = 0x24;
inline constexpr std::uint32_t zone_end = 0x28;  ///< write: the zone that began last ends
inline constexpr std::uint32_t size = 0x40;
}  // namespace core_register

// --- Registers of the network interface (NIU), one set for each core and NoC ---------------------

inline constexpr std::uint32_t noc_registers = 0xFFB2'0000;  ///< NoC 0; NoC 1 one stride further
inline constexpr std::uint32_t noc_stride = 0x0001'0000;
inline constexpr std::uint32_t noc_count = 2;
inline constexpr std::uint32_t max_packet_bytes = 16384;  ///< the largest `length` of one command

namespace noc_register {
inline constexpr std::uint32_t remote_node = 0x00;     ///< see Node below
inline constexpr std::uint32_t remote_address = 0x04;  ///< byte offset in that node's memory
inline constexpr std::uint32_t local_address = 0x08;   ///< byte address in this tile's L1
inline constexpr std::uint32_t length = 0x0C;          ///< bytes, 1 to max_packet_bytes
inline constexpr std::uint32_t value = 0x10;           ///< operand of atomics and inline writes
inline constexpr std::uint32_t command = 0x14;         ///< write: start the transfer (NocCommand)
/// tiles that a multicast must reach, or it is refused; 0: whatever lies in its rectangle
inline constexpr std::uint32_t receivers = 0x18;
// Counters of this core's own transfers. `lr.w` may reserve them and `wrs.nto` wait for a change.
inline constexpr std::uint32_t reads_pending = 0x20;    ///< reads whose data has not landed
inline constexpr std::uint32_t writes_pending = 0x24;   ///< writes not acknowledged
inline constexpr std::uint32_t writes_unsent = 0x28;    ///< writes whose source may still be read
inline constexpr std::uint32_t atomics_pending = 0x2C;  ///< atomics not acknowledged
inline constexpr std::uint32_t node = 0x30;             ///< read: this tile's router, physical Node
inline constexpr std::uint32_t size = 0x40;
}  // namespace noc_register

enum class NocCommand : std::uint32_t {
    read = 1,          ///< remote memory to local L1
    write = 2,         ///< local L1 to remote memory, acknowledged
    write_inline = 3,  ///< the 32-bit `value` to remote memory, acknowledged
    atomic_add = 4,    ///< add `value` to a 32-bit word of a remote L1, acknowledged
    /// Add `value` to a queue in a remote L1, acknowledged like an atomic. The queue is a 32-bit
    /// count of words added so far and, behind it, a ring of `length` bytes (a power of two) for
    /// the last of them: word number n lies at index n modulo the ring's words. What is not read in
    /// time is written over.
    append = 5,
};
/// Added to a command that writes: it goes to all worker tiles of a multicast_node but this one,
/// and each acknowledges it.
inline constexpr std::uint32_t noc_multicast = 0x100;
/// Added to that: this tile is no exception.
inline constexpr std::uint32_t noc_multicast_self = 0x200;

/// A place on the network: x in bits 0-7, y in bits 8-15, the space in bits 16-18.
enum class NodeSpace : std::uint32_t {
    physical = 0,     ///< router coordinates
    tile = 1,         ///< logical coordinates of a tile, translated by the NIU; the row after the
                      ///< last one of the workers is that of the control tiles
    dram = 2,         ///< x is the number of a DRAM bank, translated by the NIU
    host = 3,         ///< memory that the host has pinned, at the host's router
    tile_number = 4,  ///< x and y together (bits 0-15) count the worker tiles row by row
};
constexpr std::uint32_t node(NodeSpace space, std::uint32_t x, std::uint32_t y) {
    return (x & 0xFF) | (y & 0xFF) << 8 | static_cast<std::uint32_t>(space) << 16;
}
/// A rectangle of worker tiles: as a node, with the far corner's x in bits 19-24 and y in 25-30.
/// Physical corners are taken in the direction in which the NoC travels, logical ones (of tiles) as
/// the lowest and the highest.
constexpr std::uint32_t multicast_node(NodeSpace space, std::uint32_t x, std::uint32_t y,
                                       std::uint32_t end_x, std::uint32_t end_y) {
    return node(space, x, y) | (end_x & 0x3F) << 19 | (end_y & 0x3F) << 25;
}

// --- Engines that move data and multiply --------------------------------------------------------

inline constexpr std::uint32_t engine_registers = 0xFFB4'0000;
namespace engine_register {
/// write: the address, in this tile's L1 or this core's local memory, of an EngineDescriptor or an
/// ArrayDescriptor. It is read at once, and its command joins the queue of its engine; the core
/// waits while that is full.
inline constexpr std::uint32_t submit = 0x00;
inline constexpr std::uint32_t l1_low = 0x08;   ///< read: global address of this tile's L1
inline constexpr std::uint32_t l1_high = 0x0C;  ///< its upper half
/// Flag n at flags + 4 n: read its value (`lr.w` may reserve it and `wrs.nto` wait for a change),
/// or write it.
inline constexpr std::uint32_t flags = 0x1000;
/// write: add to flag n at flags_add + 4 n.
inline constexpr std::uint32_t flags_add = flags + 4 * engine_flag_count;
inline constexpr std::uint32_t size = flags_add + 4 * engine_flag_count;
}  // namespace engine_register

/// The address is that of a flag's value, and which flag it is.
constexpr bool is_engine_flag(std::uint32_t address) {
    return address - (engine_registers + engine_register::flags) < 4 * engine_flag_count;
}
constexpr std::uint32_t engine_flag(std::uint32_t address) {
    return (address - (engine_registers + engine_register::flags)) / 4;
}

/// With what every descriptor begins.
struct EngineHeader {
    std::uint32_t kind;        ///< EngineKind: 0 DMA, 1 block mover, 2 streamer, 3 systolic array
    std::uint32_t index;       ///< of the engine among those of its kind
    std::uint32_t wait_flag;   ///< the flag to wait for; no_flag: none
    std::uint32_t wait_value;  ///< until it is at least this
    std::uint32_t done_flag;   ///< the flag to add to at the end; no_flag: none
    std::uint32_t done_increment;  ///< what is added
};

/// What a kernel tells an engine that moves data; addresses are global.
struct EngineDescriptor {
    EngineHeader header;
    std::uint32_t source_low;  ///< streamer: of the matrix in L2
    std::uint32_t source_high;
    std::uint32_t destination_low;  ///< streamer: in the L1 buffer
    std::uint32_t destination_high;
    std::uint32_t source_stride;       ///< bytes between rows; 0: they follow each other
    std::uint32_t destination_stride;  ///< likewise; a streamer has none
    std::uint32_t rows;                ///< DMA: rows; else the height of the matrix
    std::uint32_t columns;             ///< DMA: bytes of a row; else the width of the matrix
    std::uint32_t element_bytes;       ///< not for DMA
    std::uint32_t mode;                ///< block mover: Transform; streamer: order | direction << 8
    std::uint32_t reshaped_width;      ///< block mover, reshape
};

/// What a kernel tells a systolic array: result = activation(sums + a * b + bias), as
/// engine/systolic/array_matmul.hpp says. Addresses are global; strides are bytes between rows, 0: they
/// follow each other.
struct ArrayDescriptor {
    EngineHeader header;
    std::uint32_t a_low;
    std::uint32_t a_high;
    std::uint32_t b_low;
    std::uint32_t b_high;
    std::uint32_t result_low;
    std::uint32_t result_high;
    std::uint32_t sums_low;  ///< with array_accumulates
    std::uint32_t sums_high;
    std::uint32_t bias_low;  ///< with array_has_bias
    std::uint32_t bias_high;
    std::uint32_t a_stride;
    std::uint32_t b_stride;
    std::uint32_t result_stride;
    std::uint32_t sums_stride;
    std::uint32_t m;
    std::uint32_t n;
    std::uint32_t k;
    std::uint32_t types;  ///< DataType of a and b | that of the result << 8
    std::uint32_t mode;   ///< Dataflow | Activation << 8 | the two below
};
inline constexpr std::uint32_t array_accumulates = 1u << 16;
inline constexpr std::uint32_t array_has_bias = 1u << 17;

// --- Calls to the environment (ecall), by the number in a0 --------------------------------------

inline constexpr std::uint32_t environment_end = 0;  ///< the kernel has ended
/// Run the image with the number in a1 as a kernel, with the a3 words at address a2 as its launch
/// arguments; the caller goes on behind the ecall when that has ended. The image begins with its
/// caller's sp and tp, and other registers zero.
inline constexpr std::uint32_t environment_call_image = 1;

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

/// What a kernel has code for, in the ELF section `.tilewright.effects`, which is not loaded: three
/// words for each place, the effect, what it is on (the index of a circular buffer; the byte
/// address of a word in L1; or any_object, if that is computed), and the address of the code. For
/// reports of deadlocks.
inline constexpr char effects_section[] = ".tilewright.effects";
inline constexpr std::uint32_t any_object = 0xFFFF'FFFF;
enum class Effect : std::uint32_t {
    pushes_pages = 1,
    pops_pages = 2,
    sets_word = 3,  ///< as a semaphore: writes it whole, or adds to it
};
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
