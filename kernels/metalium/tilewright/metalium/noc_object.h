// Class Noc: transfers between things that know their own addresses. What can be an end of a
// transfer has a noc_traits_t. Two generations of the interface are one here: options as flags
// (NocOptions) or as enumerations, and behind the addresses their values or a channel and an id.
// As for the plain calls, every write is acknowledged, channels change nothing, and barriers for
// one transaction id wait for all transfers of their kind.
#pragma once

#include <cstdint>
#include <type_traits>

#include "tilewright/metalium/noc.h"
#include "tilewright/metalium/tensor_accessor.h"

namespace noc_address_backend {
/// Whether an address, or a router, is this tile's.
TILEWRIGHT_DEVICE bool is_local(std::uint64_t address, std::uint8_t = noc_index) {
    return tilewright::metalium::is_own_node(static_cast<std::uint32_t>(address >> 32));
}
TILEWRIGHT_DEVICE bool is_local_coordinate(std::uint32_t x, std::uint32_t y,
                                           std::uint8_t noc = noc_index) {
    return x == my_x[noc] && y == my_y[noc];
}
}  // namespace noc_address_backend

namespace experimental {

enum class NocOptions : std::uint32_t {
    DEFAULT = 0,
    TXN_ID = 1,
    POSTED = 2,
    CUSTOM_VC = 4,
    MCAST_INCL_SRC = 8,
    INLINE_L1 = 16,
    INLINE_REG = 32,
};
constexpr NocOptions operator|(NocOptions a, NocOptions b) {
    return static_cast<NocOptions>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool has_flag(NocOptions all, NocOptions flag) {
    return (static_cast<std::uint32_t>(all) & static_cast<std::uint32_t>(flag)) != 0;
}

/// Of a transfer with NocOptions::CUSTOM_VC or TXN_ID.
struct NocOptVals {
    std::uint32_t vc = NOC_UNICAST_WRITE_VC;
    std::uint32_t trid = 0;
};

template <typename T>
struct noc_traits_t {
    static_assert(sizeof(T) == 0, "this type is no end of a transfer on the network");
};

class Noc {
public:
    enum class AddressType { NOC, LOCAL_L1 };
    enum class TxnIdMode { ENABLED, DISABLED };
    enum class ResponseMode { NON_POSTED, POSTED };
    enum class BarrierMode { TXN_ID, FULL };
    enum class McastMode { INCLUDE_SRC, EXCLUDE_SRC };
    enum class VcSelection { DEFAULT, CUSTOM };
    static constexpr std::uint32_t INVALID_TXN_ID = 0xFFFF'FFFF;

    TILEWRIGHT_DEVICE explicit Noc(std::uint8_t noc = noc_index) : noc_(noc) {}
    TILEWRIGHT_DEVICE std::uint8_t get_noc_id() const { return noc_; }

    TILEWRIGHT_DEVICE bool is_local_bank(std::uint32_t x, std::uint32_t y) const {
        return noc_address_backend::is_local_coordinate(x, y, noc_);
    }
    TILEWRIGHT_DEVICE bool is_local_addr(std::uint64_t address) const {
        return noc_address_backend::is_local(address, noc_);
    }

private:
    template <typename T>
    using SourceArgs = typename noc_traits_t<T>::src_args_type;
    template <typename T>
    using TargetArgs = typename noc_traits_t<T>::dst_args_type;
    template <typename T>
    using TargetsArgs = typename noc_traits_t<T>::dst_args_mcast_type;

    template <typename T>
    TILEWRIGHT_DEVICE std::uint64_t source(const T& t, const SourceArgs<T>& args) const {
        return noc_traits_t<T>::template src_addr<AddressType::NOC>(t, *this, args);
    }
    template <typename T>
    TILEWRIGHT_DEVICE std::uint32_t own_source(const T& t, const SourceArgs<T>& args) const {
        return static_cast<std::uint32_t>(
            noc_traits_t<T>::template src_addr<AddressType::LOCAL_L1>(t, *this, args));
    }
    template <typename T>
    TILEWRIGHT_DEVICE std::uint64_t target(const T& t, const TargetArgs<T>& args) const {
        return noc_traits_t<T>::template dst_addr<AddressType::NOC>(t, *this, args);
    }
    template <typename T>
    TILEWRIGHT_DEVICE std::uint32_t own_target(const T& t, const TargetArgs<T>& args) const {
        return static_cast<std::uint32_t>(
            noc_traits_t<T>::template dst_addr<AddressType::LOCAL_L1>(t, *this, args));
    }
    template <typename T, typename Args>
    TILEWRIGHT_DEVICE static void check_bounds(const T& t, const Args& args, std::uint32_t bytes) {
        if constexpr (requires { noc_traits_t<T>::check_bounds(t, args, bytes); }) {
            noc_traits_t<T>::check_bounds(t, args, bytes);
        }
    }

public:
    /// Whether an option says that the sender receives, too.
    template <auto option>
    static constexpr bool to_sender() {
        if constexpr (std::is_same_v<decltype(option), NocOptions>) {
            return has_flag(option, NocOptions::MCAST_INCL_SRC);
        } else if constexpr (std::is_same_v<decltype(option), McastMode>) {
            return option == McastMode::INCLUDE_SRC;
        } else {
            return false;
        }
    }

    /// Into this tile's L1. `bytes` must lie in one page, shard or buffer.
    template <auto... options, typename Source, typename Target>
    TILEWRIGHT_DEVICE void async_read(const Source& from, const Target& to, std::uint32_t bytes,
                                      const SourceArgs<Source>& from_args,
                                      const TargetArgs<Target>& to_args,
                                      const NocOptVals& = {}) const {
        check_bounds(from, from_args, bytes);
        noc_async_read(source(from, from_args), own_target(to, to_args), bytes, noc_);
    }
    template <auto... options, typename Source, typename Target>
    TILEWRIGHT_DEVICE void async_read(const Source& from, const Target& to, std::uint32_t bytes,
                                      const SourceArgs<Source>& from_args,
                                      const TargetArgs<Target>& to_args, std::uint32_t /*vc*/,
                                      std::uint32_t /*trid*/ = INVALID_TXN_ID) const {
        async_read(from, to, bytes, from_args, to_args);
    }

    /// The node of what follows.
    template <auto... options, typename Source, typename... Channel>
    TILEWRIGHT_DEVICE void set_async_read_state(const Source& from, std::uint32_t /*bytes*/,
                                                const SourceArgs<Source>& args, Channel...) const {
        noc_async_read_set_state(source(from, args), noc_);
    }
    template <auto... options, typename Source, typename Target, typename... Channel>
    TILEWRIGHT_DEVICE void async_read_with_state(const Source& from, const Target& to,
                                                 std::uint32_t bytes,
                                                 const SourceArgs<Source>& from_args,
                                                 const TargetArgs<Target>& to_args,
                                                 Channel...) const {
        noc_async_read_with_state(static_cast<std::uint32_t>(source(from, from_args)),
                                  own_target(to, to_args), bytes, noc_);
    }

    /// From this tile's L1.
    template <auto... options, typename Source, typename Target>
    TILEWRIGHT_DEVICE void async_write(const Source& from, const Target& to, std::uint32_t bytes,
                                       const SourceArgs<Source>& from_args,
                                       const TargetArgs<Target>& to_args,
                                       const NocOptVals& = {}) const {
        check_bounds(to, to_args, bytes);
        noc_async_write(own_source(from, from_args), target(to, to_args), bytes, noc_);
    }
    template <auto... options, typename Source, typename Target>
    TILEWRIGHT_DEVICE void async_write(const Source& from, const Target& to, std::uint32_t bytes,
                                       const SourceArgs<Source>& from_args,
                                       const TargetArgs<Target>& to_args, std::uint32_t /*vc*/,
                                       std::uint32_t /*trid*/ = INVALID_TXN_ID) const {
        async_write(from, to, bytes, from_args, to_args);
    }
    template <auto... options, typename Target, typename... Channel>
    TILEWRIGHT_DEVICE void set_async_write_state(const Target& to, std::uint32_t bytes,
                                                 const TargetArgs<Target>& args, Channel...) const {
        noc_async_write_one_packet_set_state(target(to, args), bytes, noc_);
    }
    template <auto... options, typename Source, typename Target, typename... Channel>
    TILEWRIGHT_DEVICE void async_write_with_state(const Source& from, const Target& to,
                                                  std::uint32_t bytes,
                                                  const SourceArgs<Source>& from_args,
                                                  const TargetArgs<Target>& to_args,
                                                  Channel...) const {
        const auto& state = tilewright::metalium::write_state(noc_);
        noc_async_write(own_source(from, from_args),
                        tilewright::metalium::with_offset(
                            state, static_cast<std::uint32_t>(target(to, to_args))),
                        bytes, noc_);
    }

    /// To `receivers` tiles, as many as the rectangle has, without the sender unless an option says
    /// so.
    template <auto... options, typename Source, typename Target>
    TILEWRIGHT_DEVICE void async_write_multicast(const Source& from, const Target& to,
                                                 std::uint32_t bytes, std::uint32_t receivers,
                                                 const SourceArgs<Source>& from_args,
                                                 const TargetsArgs<Target>& to_args,
                                                 bool linked = false,
                                                 std::uint32_t /*trid*/ = INVALID_TXN_ID) const {
        const std::uint64_t targets =
            noc_traits_t<Target>::template dst_addr_mcast<AddressType::NOC>(to, *this, to_args);
        if constexpr ((to_sender<options>() || ...)) {
            noc_async_write_multicast_loopback_src(own_source(from, from_args), targets, bytes,
                                                   receivers, linked, noc_);
        } else {
            noc_async_write_multicast(own_source(from, from_args), targets, bytes, receivers,
                                      linked, noc_);
        }
    }

    template <auto... options, typename Target, typename... Channel>
    TILEWRIGHT_DEVICE void inline_dw_write(const Target& to, std::uint32_t value,
                                           const TargetArgs<Target>& args,
                                           std::uint8_t bytes_enabled = 0xF, Channel...) const {
        noc_inline_dw_write(target(to, args), value, bytes_enabled, noc_);
    }

    /// Zeros, stored by this core, to something in its L1.
    template <typename Target>
    TILEWRIGHT_DEVICE void async_write_zeros(const Target& to, std::uint32_t bytes,
                                             const TargetArgs<Target>& args = {}) const {
        __builtin_memset(reinterpret_cast<void*>(own_target(to, args)), 0, bytes);
        tilewright::kernel::device::compiler_barrier();
    }
    /// Part of a page, from zeros that lie at the source end of `zeros`.
    template <typename Args, typename Source>
    TILEWRIGHT_DEVICE void async_write_zeros(const TensorAccessor<Args>& to, std::uint32_t bytes,
                                             const TargetArgs<TensorAccessor<Args>>& args,
                                             const Source& zeros) const {
        check_bounds(to, args, bytes);
        const std::uint64_t address = target(to, args);
        for (std::uint32_t done = 0; done < bytes; done += NOC_MAX_BURST_SIZE) {
            const std::uint32_t rest = bytes - done;
            noc_async_write(own_source(zeros, {}), address + done,
                            rest < NOC_MAX_BURST_SIZE ? rest : NOC_MAX_BURST_SIZE, noc_);
        }
    }
    TILEWRIGHT_DEVICE void write_zeros_l1_barrier() const {
        tilewright::kernel::device::compiler_barrier();
    }
    TILEWRIGHT_DEVICE void write_zeros_dram_barrier() const { noc_async_write_barrier(noc_); }

    template <auto... options>
    TILEWRIGHT_DEVICE void async_read_barrier(const NocOptVals& = {}) const {
        noc_async_read_barrier(noc_);
    }
    template <auto... options>
    TILEWRIGHT_DEVICE void async_read_barrier(std::uint32_t /*trid*/) const {
        noc_async_read_barrier(noc_);
    }
    template <auto... options>
    TILEWRIGHT_DEVICE void async_write_barrier(const NocOptVals& = {}) const {
        noc_async_write_barrier(noc_);
    }
    template <auto... options>
    TILEWRIGHT_DEVICE void async_write_barrier(std::uint32_t /*trid*/) const {
        noc_async_write_barrier(noc_);
    }
    template <auto... options>
    TILEWRIGHT_DEVICE void async_writes_flushed(const NocOptVals& = {}) const {
        noc_async_writes_flushed(noc_);
    }
    template <auto... options>
    TILEWRIGHT_DEVICE void async_writes_flushed(std::uint32_t /*trid*/) const {
        noc_async_writes_flushed(noc_);
    }
    TILEWRIGHT_DEVICE bool is_read_trid_flushed(std::uint32_t trid) const {
        return ncrisc_noc_read_with_transaction_id_flushed(noc_, trid);
    }
    TILEWRIGHT_DEVICE void async_atomic_barrier() const { noc_async_atomic_barrier(noc_); }
    TILEWRIGHT_DEVICE void async_full_barrier() const { noc_async_full_barrier(noc_); }

private:
    std::uint8_t noc_;
};

}  // namespace experimental

namespace tilewright::metalium {

using experimental::Noc;

/// What a 64-bit address is for one end of a transfer; for the end in this tile's L1 it must be
/// there.
template <Noc::AddressType type>
TILEWRIGHT_DEVICE std::uint64_t as_end(std::uint64_t address) {
    if constexpr (type == Noc::AddressType::LOCAL_L1) {
        kernel::check(is_own_node(static_cast<std::uint32_t>(address >> 32)),
                      "the end of a transfer that must be in this tile's L1 is elsewhere");
    }
    return address;
}

TILEWRIGHT_DEVICE void check_page(std::uint32_t offset, std::uint32_t bytes, std::uint32_t room) {
    kernel::check(offset <= room && bytes <= room - offset,
                  "a transfer goes past the end of the page, or of the shard that holds it");
}

}  // namespace tilewright::metalium
