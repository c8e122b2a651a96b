// Transfers over the network. Every write is acknowledged, posted ones too; transaction ids and
// virtual channels are accepted, and their barriers wait for all transfers of their kind.
#pragma once

#include <cstdint>

#include "tilewright/kernel/noc.hpp"
#include "tilewright/metalium/noc_addresses.h"

inline constexpr std::uint32_t NOC_MAX_BURST_SIZE = tilewright::abi::max_packet_bytes;
inline constexpr std::uint32_t NOC_UNICAST_WRITE_VC = 1;
inline constexpr std::uint32_t NOC_MULTICAST_WRITE_VC = 4;
inline constexpr std::uint32_t NOC_MAX_TRANSACTION_ID = 15;
inline constexpr std::uint32_t NOC_MAX_TRANSACTION_ID_COUNT = 255;

/// Command buffers: what ..._set_state calls leave, they leave in one of these.
inline constexpr std::uint8_t write_cmd_buf = 0;
inline constexpr std::uint8_t read_cmd_buf = 1;
inline constexpr std::uint8_t write_reg_cmd_buf = 2;
inline constexpr std::uint8_t write_at_cmd_buf = 3;

enum class InlineWriteDst { DEFAULT, L1, REG };

/// Whether the lower half of an address on the network is one of memory.
constexpr bool is_l1_address(std::uint64_t address) {
    return static_cast<std::uint32_t>(address) < tilewright::abi::direct_base;
}

namespace tilewright::metalium {

/// Every call that starts a transfer first asks the interface whether it takes one, as the vendor's
/// do: that is part of what a transfer costs the core. The first look is apart from the loop, as the
/// branch behind it goes on, which cores predict of forward branches only.
TILEWRIGHT_DEVICE void await_command_buffer(std::uint32_t noc) {
    const auto busy = [noc] {
        return kernel::device::noc_pending(abi::noc_register::command, noc) != 0;
    };
    if (busy()) [[unlikely]] {
        do {
            asm volatile("");  // or the compiler would make one loop of both looks
        } while (busy());
    }
}

TILEWRIGHT_DEVICE const void* l1(std::uint32_t address) {
    return reinterpret_cast<const void*>(address);
}

/// What the ..._set_state calls leave for the ..._with_state calls.
struct TransferState {
    std::uint64_t remote;
    std::uint32_t bytes;  ///< of an inline write: the word
};
inline TransferState read_state[abi::noc_count];
inline TransferState write_states[abi::noc_count][4];
inline TransferState inline_states[abi::noc_count][4];

TILEWRIGHT_DEVICE TransferState& write_state(std::uint32_t noc, std::uint32_t command_buffer = 0) {
    return write_states[noc][command_buffer & 3];
}
TILEWRIGHT_DEVICE TransferState& inline_state(std::uint32_t noc, std::uint32_t command_buffer) {
    return inline_states[noc][command_buffer & 3];
}

/// The address that a ..._with_state call means: the node of the state, the offset of the call.
TILEWRIGHT_DEVICE std::uint64_t with_offset(const TransferState& state, std::uint32_t offset) {
    return (state.remote & ~std::uint64_t{0xFFFF'FFFF}) | offset;
}

}  // namespace tilewright::metalium

// --- Reads ---------------------------------------------------------------------------------------

template <std::uint32_t max_page_size = 0, bool traced = true>
TILEWRIGHT_DEVICE void noc_async_read(std::uint64_t source, std::uint32_t destination,
                                      std::uint32_t bytes, std::uint8_t noc = noc_index,
                                      std::uint32_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_async_read(tilewright::metalium::split(source),
                                       reinterpret_cast<void*>(destination), bytes, noc);
}
/// Calls of one packet give one command, which the network refuses beyond NOC_MAX_BURST_SIZE.
TILEWRIGHT_DEVICE void noc_async_read_one_packet(std::uint64_t source, std::uint32_t destination,
                                                 std::uint32_t bytes, std::uint8_t noc = noc_index,
                                                 std::uint32_t = NOC_UNICAST_WRITE_VC) {
    using namespace tilewright;
    kernel::device::noc_packet(abi::NocCommand::read, metalium::split(source), destination, bytes,
                               noc);
}

TILEWRIGHT_DEVICE void noc_async_read_one_packet_set_state(std::uint64_t source,
                                                           std::uint32_t bytes,
                                                           std::uint32_t = NOC_UNICAST_WRITE_VC,
                                                           std::uint8_t noc = noc_index) {
    tilewright::metalium::read_state[noc] = {source, bytes};
}
template <bool counted = true, bool channel = false>
TILEWRIGHT_DEVICE void noc_async_read_one_packet_with_state(std::uint32_t source,
                                                            std::uint32_t destination,
                                                            std::uint32_t = NOC_UNICAST_WRITE_VC,
                                                            std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::read_state[noc];
    noc_async_read_one_packet(tilewright::metalium::with_offset(state, source), destination,
                              state.bytes, noc);
}
TILEWRIGHT_DEVICE void noc_async_read_set_state(std::uint64_t source,
                                                std::uint8_t noc = noc_index) {
    tilewright::metalium::read_state[noc] = {source, 0};
}
template <bool counted = true>
TILEWRIGHT_DEVICE void noc_async_read_with_state(std::uint32_t source, std::uint32_t destination,
                                                 std::uint32_t bytes,
                                                 std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::read_state[noc];
    noc_async_read(tilewright::metalium::with_offset(state, source), destination, bytes, noc);
}
/// Reads count themselves when they are started.
TILEWRIGHT_DEVICE void noc_async_read_inc_num_issued(std::uint32_t, std::uint8_t = noc_index) {}

// --- Writes --------------------------------------------------------------------------------------

template <std::uint32_t max_page_size = 0, bool traced = true, bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write(std::uint32_t source, std::uint64_t destination,
                                       std::uint32_t bytes, std::uint8_t noc = noc_index,
                                       std::uint32_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_async_write(tilewright::metalium::l1(source),
                                        tilewright::metalium::split(destination), bytes, noc);
}
template <bool traced = true, bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_one_packet(std::uint32_t source, std::uint64_t destination,
                                                  std::uint32_t bytes, std::uint8_t noc = noc_index,
                                                  std::uint32_t = NOC_UNICAST_WRITE_VC) {
    using namespace tilewright;
    kernel::device::noc_packet(abi::NocCommand::write, metalium::split(destination), source, bytes,
                               noc);
}
template <bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_one_packet_set_state(std::uint64_t destination,
                                                            std::uint32_t bytes,
                                                            std::uint8_t noc = noc_index,
                                                            std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::write_state(noc) = {destination, bytes};
}
template <bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_one_packet_with_state(std::uint32_t source,
                                                             std::uint32_t destination,
                                                             std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::write_state(noc);
    noc_async_write_one_packet(source, tilewright::metalium::with_offset(state, destination),
                               state.bytes, noc);
}

/// `node` and `address` as the host gives them for memory that it has pinned. Only the form that
/// names everything: what flags leave out is not remembered.
template <auto... options>
TILEWRIGHT_DEVICE void noc_wwrite_with_state(std::uint32_t noc, std::uint32_t source,
                                             std::uint32_t node, std::uint64_t address,
                                             std::uint32_t bytes, std::uint32_t = 1) {
    noc_async_write(source,
                    tilewright::metalium::noc_address(node, static_cast<std::uint32_t>(address)),
                    bytes, noc);
}

/// One word, from a register of this core, with all its four bytes: others cannot be left out.
template <auto... options>
TILEWRIGHT_DEVICE void noc_inline_dw_write(std::uint64_t address, std::uint32_t value,
                                           std::uint8_t bytes_enabled = 0xF,
                                           std::uint8_t noc = noc_index,
                                           std::uint8_t = NOC_UNICAST_WRITE_VC, std::uint32_t = 0) {
    tilewright::kernel::check(bytes_enabled == 0xF,
                              "noc_inline_dw_write: single bytes of a word cannot be written");
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_inline_write(tilewright::metalium::split(address), value, noc);
}
template <auto... options>
TILEWRIGHT_DEVICE void noc_inline_dw_write_set_state(std::uint64_t address, std::uint32_t value = 0,
                                                     std::uint8_t bytes_enabled = 0xF,
                                                     std::uint8_t command_buffer = write_at_cmd_buf,
                                                     std::uint8_t noc = noc_index,
                                                     std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::kernel::check(bytes_enabled == 0xF,
                              "noc_inline_dw_write_set_state: single bytes of a word cannot be "
                              "written");
    tilewright::metalium::inline_state(noc, command_buffer) = {address, value};
}
/// Writes the word of the state to its address, either of which the call may change first.
template <bool new_offset = false, bool counted = true, bool posted = false, bool new_node = false,
          bool new_value = false, auto... options>
TILEWRIGHT_DEVICE void noc_inline_dw_write_with_state(
    std::uint32_t value, std::uint32_t address = 0, std::uint8_t command_buffer = write_at_cmd_buf,
    std::uint8_t noc = noc_index) {
    static_assert(!new_offset || !new_node, "the call has room for one half of an address");
    auto& state = tilewright::metalium::inline_state(noc, command_buffer);
    if constexpr (new_value) state.bytes = value;
    if constexpr (new_offset) state.remote = tilewright::metalium::with_offset(state, address);
    if constexpr (new_node) {
        state.remote =
            tilewright::metalium::noc_address(address, static_cast<std::uint32_t>(state.remote));
    }
    noc_inline_dw_write(state.remote, state.bytes, 0xF, noc);
}

// --- Multicasts ----------------------------------------------------------------------------------

/// To `receivers` tiles, as many as the rectangle has but this one; the run stops if it has others.
/// Links are not held for the next multicast, so `linked` changes nothing.
template <std::uint32_t max_page_size = 0>
TILEWRIGHT_DEVICE void noc_async_write_multicast(std::uint32_t source, std::uint64_t destinations,
                                                 std::uint32_t bytes, std::uint32_t receivers,
                                                 bool /*linked*/ = false,
                                                 std::uint8_t noc = noc_index) {
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_async_write_multicast(
        tilewright::metalium::l1(source), tilewright::metalium::split(destinations), bytes,
        receivers, tilewright::kernel::Multicast::to_others, noc);
}
TILEWRIGHT_DEVICE void noc_async_write_multicast_one_packet(
    std::uint32_t source, std::uint64_t destinations, std::uint32_t bytes, std::uint32_t receivers,
    bool /*linked*/ = false, std::uint8_t noc = noc_index) {
    using namespace tilewright;
    kernel::device::noc_packet(
        kernel::device::multicast(abi::NocCommand::write, receivers, false, noc),
        metalium::split(destinations), source, bytes, noc);
}
/// To this tile, too, which must lie in the rectangle and counts as a receiver.
TILEWRIGHT_DEVICE void noc_async_write_multicast_loopback_src(
    std::uint32_t source, std::uint64_t destinations, std::uint32_t bytes, std::uint32_t receivers,
    bool /*linked*/ = false, std::uint8_t noc = noc_index) {
    tilewright::metalium::await_command_buffer(noc);
    tilewright::kernel::noc_async_write_multicast(
        tilewright::metalium::l1(source), tilewright::metalium::split(destinations), bytes,
        receivers, tilewright::kernel::Multicast::to_all, noc);
}

// --- Pages ---------------------------------------------------------------------------------------

/// Page `id` of an address generator or a tensor accessor.
template <typename Generator>
TILEWRIGHT_DEVICE auto get_noc_addr(std::uint32_t id, const Generator& generator,
                                    std::uint32_t offset = 0, std::uint8_t noc = noc_index)
    -> decltype(generator.get_noc_addr(id, offset, noc)) {
    return generator.get_noc_addr(id, offset, noc);
}

namespace tilewright::metalium {
template <typename Generator>
TILEWRIGHT_DEVICE std::uint32_t page_bytes(const Generator& generator) {
    if constexpr (requires { generator.log_base_2_of_page_size; }) {
        return 1u << generator.log_base_2_of_page_size;
    } else {
        return generator.page_size;
    }
}
}  // namespace tilewright::metalium

template <typename Generator>
TILEWRIGHT_DEVICE void noc_async_read_page(std::uint32_t id, const Generator& generator,
                                           std::uint32_t destination, std::uint32_t offset = 0,
                                           std::uint8_t noc = noc_index) {
    noc_async_read(generator.get_noc_addr(id, offset, noc), destination,
                   tilewright::metalium::page_bytes(generator), noc);
}
template <typename Generator>
TILEWRIGHT_DEVICE void noc_async_read_tile(std::uint32_t id, const Generator& generator,
                                           std::uint32_t destination, std::uint32_t offset = 0,
                                           std::uint8_t noc = noc_index) {
    noc_async_read_page(id, generator, destination, offset, noc);
}
/// Writes `bytes`, or the whole page if that is 0.
template <typename Generator, bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_page(std::uint32_t id, const Generator& generator,
                                            std::uint32_t source, std::uint32_t bytes = 0,
                                            std::uint32_t offset = 0,
                                            std::uint8_t noc = noc_index) {
    noc_async_write(source, generator.get_noc_addr(id, offset, noc),
                    bytes != 0 ? bytes : tilewright::metalium::page_bytes(generator), noc);
}
template <typename Generator>
TILEWRIGHT_DEVICE void noc_async_write_tile(std::uint32_t id, const Generator& generator,
                                            std::uint32_t source, std::uint8_t noc = noc_index) {
    noc_async_write_page(id, generator, source, 0, 0, noc);
}

// --- Barriers ------------------------------------------------------------------------------------

TILEWRIGHT_DEVICE void noc_async_read_barrier(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_read_barrier(noc);
}
template <auto... options>
TILEWRIGHT_DEVICE void noc_async_write_barrier(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_write_barrier(noc);
}
template <auto... options>
TILEWRIGHT_DEVICE void noc_async_writes_flushed(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_writes_flushed(noc);
}
TILEWRIGHT_DEVICE void noc_async_posted_writes_flushed(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_writes_flushed(noc);
}
TILEWRIGHT_DEVICE void noc_async_atomic_barrier(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_atomic_barrier(noc);
}
TILEWRIGHT_DEVICE void noc_async_full_barrier(std::uint8_t noc = noc_index) {
    noc_async_read_barrier(noc);
    noc_async_write_barrier(noc);
    noc_async_atomic_barrier(noc);
}

// --- Transaction ids -----------------------------------------------------------------------------

TILEWRIGHT_DEVICE void noc_async_read_set_trid(std::uint32_t = 0, std::uint8_t = noc_index) {}
TILEWRIGHT_DEVICE void noc_async_write_set_trid(std::uint32_t = 0, std::uint8_t = noc_index) {}
TILEWRIGHT_DEVICE void reset_noc_trid_barrier_counter(std::uint32_t = 0,
                                                      std::uint32_t = noc_index) {}

/// `base` and `source` together are the offset at the node of the state.
template <bool... options>
TILEWRIGHT_DEVICE void noc_async_read_one_packet_with_state_with_trid(
    std::uint32_t base, std::uint32_t source, std::uint32_t destination, std::uint32_t = 0,
    std::uint8_t noc = noc_index) {
    noc_async_read_one_packet_with_state(base + source, destination, 0, noc);
}
template <bool counted = true, bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_one_packet_with_trid(std::uint32_t source,
                                                            std::uint64_t destination,
                                                            std::uint32_t bytes, std::uint32_t,
                                                            std::uint8_t = write_cmd_buf,
                                                            std::uint8_t noc = noc_index,
                                                            std::uint8_t = NOC_UNICAST_WRITE_VC) {
    noc_async_write_one_packet(source, destination, bytes, noc);
}
template <bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_one_packet_with_trid_set_state(
    std::uint64_t destination, std::uint8_t command_buffer = write_cmd_buf,
    std::uint8_t noc = noc_index, std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::write_state(noc, command_buffer) = {destination, 0};
}
template <bool counted = true, bool posted = false>
TILEWRIGHT_DEVICE void noc_async_write_one_packet_with_trid_with_state(
    std::uint32_t source, std::uint32_t destination, std::uint32_t bytes, std::uint32_t,
    std::uint8_t command_buffer = write_cmd_buf, std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::write_state(noc, command_buffer);
    noc_async_write_one_packet(source, tilewright::metalium::with_offset(state, destination), bytes,
                               noc);
}

TILEWRIGHT_DEVICE void noc_async_read_barrier_with_trid(std::uint32_t,
                                                        std::uint8_t noc = noc_index) {
    noc_async_read_barrier(noc);
}
TILEWRIGHT_DEVICE void noc_async_write_barrier_with_trid(std::uint32_t,
                                                         std::uint8_t noc = noc_index) {
    noc_async_write_barrier(noc);
}
TILEWRIGHT_DEVICE void noc_async_write_flushed_with_trid(std::uint32_t,
                                                         std::uint8_t noc = noc_index) {
    noc_async_writes_flushed(noc);
}
/// Whether the barrier of that name would return at once.
TILEWRIGHT_DEVICE bool ncrisc_noc_read_with_transaction_id_flushed(std::uint32_t noc,
                                                                   std::uint32_t) {
    return tilewright::kernel::device::noc_pending(tilewright::abi::noc_register::reads_pending,
                                                   noc) == 0;
}
TILEWRIGHT_DEVICE bool ncrisc_noc_nonposted_write_with_transaction_id_flushed(std::uint32_t noc,
                                                                              std::uint32_t) {
    return tilewright::kernel::device::noc_pending(tilewright::abi::noc_register::writes_pending,
                                                   noc) == 0;
}
/// More may always be started: a core waits where the network takes none.
TILEWRIGHT_DEVICE std::uint32_t noc_available_transactions(std::uint32_t, std::uint32_t) {
    return NOC_MAX_TRANSACTION_ID_COUNT;
}
