// Where cores of a tile reach its compute engine: as on the hardware, whose firmware and kernels
// store and load there.
//
// Processor 0 reaches all three threads; processors 1 to 3 are the cores of threads 0 to 2 and
// reach their own; others reach nothing of this.
//
// The simulator implements it, kernels are compiled against it; so it is freestanding: constants.
#pragma once

#include <cstdint>

namespace tilewright::abi {

inline constexpr std::uint32_t compute_registers = 0xFFE0'0000;
/// Stores only: nine words of the core's MOP expander.
inline constexpr std::uint32_t macro_registers = 0xFFB8'0000;

namespace compute_register {

inline constexpr std::uint32_t size = 0x0010'0000;
inline constexpr std::uint32_t macro_bytes = 9 * 4;

/// The thread's 64 general registers; for processor 0 those of all threads, one after another.
inline constexpr std::uint32_t general = 0;
/// A store pushes an instruction word; for processor 0 behind the MOP expander, and each thread has
/// a place of its own, one stride further.
inline constexpr std::uint32_t instructions = 0x4'0000;
inline constexpr std::uint32_t instructions_stride = 0x1'0000;
/// A load waits until all that the thread was told is done; stores do nothing.
inline constexpr std::uint32_t done = 0x8'0004;
/// Likewise until no MOP is left to expand.
inline constexpr std::uint32_t macros_done = 0x8'0008;
/// Eight semaphores: a load gives the value, a store of an even number adds 1, of an odd one takes
/// 1 away.
inline constexpr std::uint32_t semaphores = 0x8'0020;
/// Loads only, a word for a number, 16 to a row, for who looks for mistakes; hardware has them
/// behind debug registers. Dst as 1024 rows of 16 bits, or as 512 of 32; what nothing has written
/// reads as 0. Then the banks of SrcA and of SrcB that the matrix unit used last: 64 rows of 19
/// bits.
inline constexpr std::uint32_t dst = 0x9'0000;
inline constexpr std::uint32_t dst_rows = 1024;
inline constexpr std::uint32_t wide_dst = 0xA'0000;
inline constexpr std::uint32_t wide_dst_rows = 512;
inline constexpr std::uint32_t source_a = 0xB'0000;
inline constexpr std::uint32_t source_b = 0xB'1000;
inline constexpr std::uint32_t source_rows = 64;
inline constexpr std::uint32_t number_row_bytes = 16 * 4;
/// Mailboxes of processors 0 to 3: a store at `mailbox(p)` sends a word to processor p, and waits
/// while four that it was sent by the same core are there still; a load there takes the next word
/// that processor p has sent, and waits for it. A word further a load gives how many are there.
inline constexpr std::uint32_t mailboxes = 0xC'0000;
inline constexpr std::uint32_t mailbox_stride = 0x1000;
inline constexpr std::uint32_t mailbox_users = 4, mailbox_words = 4;
constexpr std::uint32_t mailbox(std::uint32_t processor) {
    return mailboxes + processor * mailbox_stride;
}
/// Two banks of configuration, one after the other.
inline constexpr std::uint32_t configuration = 0xF'0000;

}  // namespace compute_register
}  // namespace tilewright::abi
