// Names of one core's part of a call, which kernels write where they set it up by themselves: as in
// MATH((llk_math_eltwise_binary_init<ELWSUB, BroadcastType::ROW, MathFidelity::LoFi>(a, b))).
#pragma once

#include "tilewright/metalium/compute/binary.h"
#include "tilewright/metalium/compute/pack.h"

#ifdef UCK_CHLKC_UNPACK
template <BroadcastType broadcast = BroadcastType::NONE>
TILEWRIGHT_DEVICE void llk_unpack_AB_init(std::uint32_t, std::uint32_t) {
    tilewright::metalium::compute::start_binary(ELWADD, broadcast, false);
}
#endif

#ifdef UCK_CHLKC_MATH
/// Products have as many phases as the kernel's fidelity says.
template <EltwiseBinaryType type, BroadcastType broadcast = BroadcastType::NONE,
          MathFidelity fidelity = MATH_FIDELITY>
TILEWRIGHT_DEVICE void llk_math_eltwise_binary_init(std::uint32_t, std::uint32_t,
                                                    std::uint32_t acc_to_dest = 0) {
    static_assert(type != ELWMUL || fidelity == MATH_FIDELITY,
                  "expected the kernel's own fidelity, MATH_FIDELITY");
    tilewright::metalium::compute::start_binary(type, broadcast, acc_to_dest != 0);
}
#endif

// Formats: of the operands, on the core that unpacks and on the one that computes; of results.
#define TILEWRIGHT_RECONFIGURE(name, call)                                \
    template <auto... options>                                            \
    TILEWRIGHT_DEVICE void name(std::uint32_t cb) {                       \
        call(cb);                                                         \
    }                                                                     \
    template <auto... options>                                            \
    TILEWRIGHT_DEVICE void name(std::uint32_t old_cb, std::uint32_t cb) { \
        call(old_cb, cb);                                                 \
    }
#define TILEWRIGHT_RECONFIGURE_BOTH(name)                                        \
    template <auto... options>                                                   \
    TILEWRIGHT_DEVICE void name(std::uint32_t srca_cb, std::uint32_t srcb_cb) {  \
        reconfig_data_format(srca_cb, srcb_cb);                                  \
    }                                                                            \
    template <auto... options>                                                   \
    TILEWRIGHT_DEVICE void name(std::uint32_t old_srca, std::uint32_t srca_cb,   \
                                std::uint32_t old_srcb, std::uint32_t srcb_cb) { \
        reconfig_data_format(old_srca, srca_cb, old_srcb, srcb_cb);              \
    }
#ifdef UCK_CHLKC_UNPACK
TILEWRIGHT_RECONFIGURE(llk_unpack_reconfig_data_format_srca, reconfig_data_format_srca)
TILEWRIGHT_RECONFIGURE(llk_unpack_reconfig_data_format_srcb, reconfig_data_format_srcb)
TILEWRIGHT_RECONFIGURE_BOTH(llk_unpack_reconfig_data_format)
#endif
#ifdef UCK_CHLKC_MATH
TILEWRIGHT_RECONFIGURE(llk_math_reconfig_data_format_srca, reconfig_data_format_srca)
TILEWRIGHT_RECONFIGURE(llk_math_reconfig_data_format_srcb, reconfig_data_format_srcb)
TILEWRIGHT_RECONFIGURE_BOTH(llk_math_reconfig_data_format)
#endif
#ifdef UCK_CHLKC_PACK
TILEWRIGHT_RECONFIGURE(llk_pack_reconfig_data_format, pack_reconfig_data_format)
TILEWRIGHT_DEVICE void llk_pack_reconfig_l1_acc(std::uint32_t accumulate) {
    pack_reconfig_l1_acc(accumulate);
}
#endif
#undef TILEWRIGHT_RECONFIGURE
#undef TILEWRIGHT_RECONFIGURE_BOTH
