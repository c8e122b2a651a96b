// Transfers over the network. Every write is acknowledged, posted ones too; transaction ids and
// virtual channels are accepted, and their barriers wait for all transfers of their kind.
#pragma once

#include <cstdint>

#include "tilewright/kernel/noc.hpp"
#include "tilewright/metalium/noc_addresses.h"

inline constexpr std::uint32_t NOC_MAX_BURST_SIZE = tilewright::abi::max_packet_bytes;
inline constexpr std::uint32_t NOC_UNICAST_WRITE_VC = 1;
inline constexpr std::uint32_t NOC_MULTICAST_WRITE_VC = 4;

namespace tilewright::metalium {

TILEWRIGHT_API const void* l1(std::uint32_t address) {
    return reinterpret_cast<const void*>(address);
}

/// What the ..._set_state calls leave for the ..._with_state calls.
struct TransferState {
    std::uint64_t remote;
    std::uint32_t bytes;
};
inline TransferState read_state[abi::noc_count];
inline TransferState write_state[abi::noc_count];
inline TransferState inline_state[abi::noc_count];

/// The address that a ..._with_state call means: the node of the state, the offset of the call.
TILEWRIGHT_API std::uint64_t with_offset(const TransferState& state, std::uint32_t offset) {
    return (state.remote & ~std::uint64_t{0xFFFF'FFFF}) | offset;
}

}  // namespace tilewright::metalium

// --- Reads ---------------------------------------------------------------------------------------

template <std::uint32_t max_page_size = 0, bool traced = true>
TILEWRIGHT_API void noc_async_read(std::uint64_t source, std::uint32_t destination,
                                   std::uint32_t bytes, std::uint8_t noc = noc_index,
                                   std::uint32_t = NOC_UNICAST_WRITE_VC) {
    tilewright::kernel::noc_async_read(tilewright::metalium::split(source),
                                       reinterpret_cast<void*>(destination), bytes, noc);
}
TILEWRIGHT_API void noc_async_read_one_packet(std::uint64_t source, std::uint32_t destination,
                                              std::uint32_t bytes, std::uint8_t noc = noc_index,
                                              std::uint32_t = NOC_UNICAST_WRITE_VC) {
    noc_async_read(source, destination, bytes, noc);
}

TILEWRIGHT_API void noc_async_read_one_packet_set_state(std::uint64_t source, std::uint32_t bytes,
                                                        std::uint32_t = NOC_UNICAST_WRITE_VC,
                                                        std::uint8_t noc = noc_index) {
    tilewright::metalium::read_state[noc] = {source, bytes};
}
template <bool counted = true>
TILEWRIGHT_API void noc_async_read_one_packet_with_state(std::uint32_t source,
                                                         std::uint32_t destination,
                                                         std::uint32_t = NOC_UNICAST_WRITE_VC,
                                                         std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::read_state[noc];
    noc_async_read(tilewright::metalium::with_offset(state, source), destination, state.bytes, noc);
}
TILEWRIGHT_API void noc_async_read_set_state(std::uint64_t source, std::uint8_t noc = noc_index) {
    tilewright::metalium::read_state[noc] = {source, 0};
}
template <bool counted = true>
TILEWRIGHT_API void noc_async_read_with_state(std::uint32_t source, std::uint32_t destination,
                                              std::uint32_t bytes, std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::read_state[noc];
    noc_async_read(tilewright::metalium::with_offset(state, source), destination, bytes, noc);
}
/// Reads count themselves when they are started.
TILEWRIGHT_API void noc_async_read_inc_num_issued(std::uint32_t, std::uint8_t = noc_index) {}

// --- Writes --------------------------------------------------------------------------------------

template <std::uint32_t max_page_size = 0, bool traced = true, bool posted = false>
TILEWRIGHT_API void noc_async_write(std::uint32_t source, std::uint64_t destination,
                                    std::uint32_t bytes, std::uint8_t noc = noc_index,
                                    std::uint32_t = NOC_UNICAST_WRITE_VC) {
    tilewright::kernel::noc_async_write(tilewright::metalium::l1(source),
                                        tilewright::metalium::split(destination), bytes, noc);
}
template <bool traced = true, bool posted = false>
TILEWRIGHT_API void noc_async_write_one_packet(std::uint32_t source, std::uint64_t destination,
                                               std::uint32_t bytes, std::uint8_t noc = noc_index,
                                               std::uint32_t = NOC_UNICAST_WRITE_VC) {
    noc_async_write(source, destination, bytes, noc);
}
template <bool posted = false>
TILEWRIGHT_API void noc_async_write_one_packet_set_state(std::uint64_t destination,
                                                         std::uint32_t bytes,
                                                         std::uint8_t noc = noc_index,
                                                         std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::write_state[noc] = {destination, bytes};
}
template <bool posted = false>
TILEWRIGHT_API void noc_async_write_one_packet_with_state(std::uint32_t source,
                                                          std::uint32_t destination,
                                                          std::uint8_t noc = noc_index) {
    const auto& state = tilewright::metalium::write_state[noc];
    noc_async_write(source, tilewright::metalium::with_offset(state, destination), state.bytes,
                    noc);
}

/// `node` and `address` as the host gives them for memory that it has pinned. Only the form that
/// names everything: what flags leave out is not remembered.
template <auto... options>
TILEWRIGHT_API void noc_wwrite_with_state(std::uint32_t noc, std::uint32_t source,
                                          std::uint32_t node, std::uint64_t address,
                                          std::uint32_t bytes, std::uint32_t = 1) {
    noc_async_write(source,
                    tilewright::metalium::noc_address(node, static_cast<std::uint32_t>(address)),
                    bytes, noc);
}

/// One word, from a register of this core. All its bytes are written.
template <auto... options>
TILEWRIGHT_API void noc_inline_dw_write(std::uint64_t address, std::uint32_t value,
                                        std::uint8_t = 0xF, std::uint8_t noc = noc_index,
                                        std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::kernel::noc_inline_write(tilewright::metalium::split(address), value, noc);
}
template <auto... options>
TILEWRIGHT_API void noc_inline_dw_write_set_state(std::uint64_t address, std::uint32_t value = 0,
                                                  std::uint8_t = 0xF, std::uint8_t = 0,
                                                  std::uint8_t noc = noc_index,
                                                  std::uint8_t = NOC_UNICAST_WRITE_VC) {
    tilewright::metalium::inline_state[noc] = {address, value};
}

// --- Multicasts ----------------------------------------------------------------------------------

/// To `receivers` tiles, as many as the rectangle has but this one; the run stops if it has others.
/// Links are not held for the next multicast, so `linked` changes nothing.
template <std::uint32_t max_page_size = 0>
TILEWRIGHT_API void noc_async_write_multicast(std::uint32_t source, std::uint64_t destinations,
                                              std::uint32_t bytes, std::uint32_t receivers,
                                              bool /*linked*/ = false,
                                              std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_write_multicast(
        tilewright::metalium::l1(source), tilewright::metalium::split(destinations), bytes,
        receivers, tilewright::kernel::Multicast::to_others, noc);
}
TILEWRIGHT_API void noc_async_write_multicast_one_packet(
    std::uint32_t source, std::uint64_t destinations, std::uint32_t bytes, std::uint32_t receivers,
    bool linked = false, std::uint8_t noc = noc_index) {
    noc_async_write_multicast(source, destinations, bytes, receivers, linked, noc);
}
/// To this tile, too, which must lie in the rectangle and counts as a receiver.
TILEWRIGHT_API void noc_async_write_multicast_loopback_src(
    std::uint32_t source, std::uint64_t destinations, std::uint32_t bytes, std::uint32_t receivers,
    bool /*linked*/ = false, std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_write_multicast(
        tilewright::metalium::l1(source), tilewright::metalium::split(destinations), bytes,
        receivers, tilewright::kernel::Multicast::to_all, noc);
}

// --- Pages ---------------------------------------------------------------------------------------

/// Page `id` of an address generator or a tensor accessor.
template <typename Generator>
TILEWRIGHT_API auto get_noc_addr(std::uint32_t id, const Generator& generator,
                                 std::uint32_t offset = 0, std::uint8_t noc = noc_index)
    -> decltype(generator.get_noc_addr(id, offset, noc)) {
    return generator.get_noc_addr(id, offset, noc);
}

namespace tilewright::metalium {
template <typename Generator>
TILEWRIGHT_API std::uint32_t page_bytes(const Generator& generator) {
    if constexpr (requires { generator.log_base_2_of_page_size; }) {
        return 1u << generator.log_base_2_of_page_size;
    } else {
        return generator.page_size;
    }
}
}  // namespace tilewright::metalium

template <typename Generator>
TILEWRIGHT_API void noc_async_read_page(std::uint32_t id, const Generator& generator,
                                        std::uint32_t destination, std::uint32_t offset = 0,
                                        std::uint8_t noc = noc_index) {
    noc_async_read(generator.get_noc_addr(id, offset, noc), destination,
                   tilewright::metalium::page_bytes(generator), noc);
}
template <typename Generator>
TILEWRIGHT_API void noc_async_read_tile(std::uint32_t id, const Generator& generator,
                                        std::uint32_t destination, std::uint32_t offset = 0,
                                        std::uint8_t noc = noc_index) {
    noc_async_read_page(id, generator, destination, offset, noc);
}
/// Writes `bytes`, or the whole page if that is 0.
template <typename Generator, bool posted = false>
TILEWRIGHT_API void noc_async_write_page(std::uint32_t id, const Generator& generator,
                                         std::uint32_t source, std::uint32_t bytes = 0,
                                         std::uint32_t offset = 0, std::uint8_t noc = noc_index) {
    noc_async_write(source, generator.get_noc_addr(id, offset, noc),
                    bytes != 0 ? bytes : tilewright::metalium::page_bytes(generator), noc);
}
template <typename Generator>
TILEWRIGHT_API void noc_async_write_tile(std::uint32_t id, const Generator& generator,
                                         std::uint32_t source, std::uint8_t noc = noc_index) {
    noc_async_write_page(id, generator, source, 0, 0, noc);
}

// --- Barriers ------------------------------------------------------------------------------------

TILEWRIGHT_API void noc_async_read_barrier(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_read_barrier(noc);
}
template <auto... options>
TILEWRIGHT_API void noc_async_write_barrier(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_write_barrier(noc);
}
template <auto... options>
TILEWRIGHT_API void noc_async_writes_flushed(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_writes_flushed(noc);
}
TILEWRIGHT_API void noc_async_posted_writes_flushed(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_writes_flushed(noc);
}
TILEWRIGHT_API void noc_async_atomic_barrier(std::uint8_t noc = noc_index) {
    tilewright::kernel::noc_async_atomic_barrier(noc);
}
TILEWRIGHT_API void noc_async_full_barrier(std::uint8_t noc = noc_index) {
    noc_async_read_barrier(noc);
    noc_async_write_barrier(noc);
    noc_async_atomic_barrier(noc);
}

// Transaction ids.
TILEWRIGHT_API void noc_async_read_set_trid(std::uint32_t = 0, std::uint8_t = noc_index) {}
TILEWRIGHT_API void noc_async_read_barrier_with_trid(std::uint32_t, std::uint8_t noc = noc_index) {
    noc_async_read_barrier(noc);
}
TILEWRIGHT_API void noc_async_write_set_trid(std::uint32_t = 0, std::uint8_t = noc_index) {}
TILEWRIGHT_API void noc_async_write_barrier_with_trid(std::uint32_t, std::uint8_t noc = noc_index) {
    noc_async_write_barrier(noc);
}
