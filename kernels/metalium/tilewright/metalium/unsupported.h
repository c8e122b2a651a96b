// Calls of TT-Metalium's kernels that are not supported: declared, so that the compiler can say
// why.
#pragma once

#include <cstdint>

#define TILEWRIGHT_UNAVAILABLE(reason, name)  \
    template <auto... options, typename... T> \
    __attribute__((unavailable(#name " is not supported: " reason))) void name(T...)

#define TILEWRIGHT_NO_ETHERNET(name) \
    TILEWRIGHT_UNAVAILABLE("there are no Ethernet cores and no links between chips", name)
TILEWRIGHT_NO_ETHERNET(eth_send_bytes);
TILEWRIGHT_NO_ETHERNET(eth_send_bytes_over_channel);
TILEWRIGHT_NO_ETHERNET(eth_send_packet);
TILEWRIGHT_NO_ETHERNET(eth_wait_for_bytes);
TILEWRIGHT_NO_ETHERNET(eth_wait_for_receiver_done);
TILEWRIGHT_NO_ETHERNET(eth_wait_receiver_done);
TILEWRIGHT_NO_ETHERNET(eth_receiver_done);
TILEWRIGHT_NO_ETHERNET(eth_receiver_channel_done);
TILEWRIGHT_NO_ETHERNET(eth_noc_semaphore_wait);
TILEWRIGHT_NO_ETHERNET(eth_noc_async_read_barrier);
TILEWRIGHT_NO_ETHERNET(eth_noc_async_write_barrier);
TILEWRIGHT_NO_ETHERNET(fabric_set_unicast_route);
TILEWRIGHT_NO_ETHERNET(fabric_set_mcast_route);
TILEWRIGHT_NO_ETHERNET(fabric_async_write);
TILEWRIGHT_NO_ETHERNET(fabric_async_write_multicast);
TILEWRIGHT_NO_ETHERNET(fabric_atomic_inc);
TILEWRIGHT_NO_ETHERNET(create_sender_socket_interface);
TILEWRIGHT_NO_ETHERNET(create_receiver_socket_interface);
TILEWRIGHT_NO_ETHERNET(set_sender_socket_page_size);
TILEWRIGHT_NO_ETHERNET(set_receiver_socket_page_size);
TILEWRIGHT_NO_ETHERNET(socket_reserve_pages);
TILEWRIGHT_NO_ETHERNET(socket_push_pages);
TILEWRIGHT_NO_ETHERNET(socket_notify_receiver);
TILEWRIGHT_NO_ETHERNET(socket_barrier);
TILEWRIGHT_NO_ETHERNET(socket_wait_for_pages);
TILEWRIGHT_NO_ETHERNET(socket_pop_pages);
TILEWRIGHT_NO_ETHERNET(socket_notify_sender);
#undef TILEWRIGHT_NO_ETHERNET

namespace experimental {
#define TILEWRIGHT_NO_REMOTE_RING(name) \
    TILEWRIGHT_UNAVAILABLE("circular buffers are those of one tile", name)
TILEWRIGHT_NO_REMOTE_RING(remote_cb_reserve_back);
TILEWRIGHT_NO_REMOTE_RING(remote_cb_push_back_and_write_pages);
TILEWRIGHT_NO_REMOTE_RING(remote_cb_wait_front);
TILEWRIGHT_NO_REMOTE_RING(remote_cb_pop_front);
TILEWRIGHT_NO_REMOTE_RING(remote_cb_sender_barrier);
TILEWRIGHT_NO_REMOTE_RING(align_local_cbs_to_remote_cb);
TILEWRIGHT_NO_REMOTE_RING(update_remote_cb_config_in_l1);
TILEWRIGHT_NO_REMOTE_RING(resize_remote_sender_cb_interface);
TILEWRIGHT_NO_REMOTE_RING(resize_remote_receiver_cb_interface);
#undef TILEWRIGHT_NO_REMOTE_RING
}  // namespace experimental

// Below the interface that programs are promised: registers of one chip's network.
#define TILEWRIGHT_NO_REGISTERS(name)                                                           \
    TILEWRIGHT_UNAVAILABLE("it programs the network's own registers; use the noc_async_ calls", \
                           name)
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_read);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_read_any_len);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_read_with_transaction_id);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_write);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_write_any_len);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_write_loopback_src);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_fast_write_any_len_loopback_src);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_read_set_state);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_read_with_state);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_read_any_len_with_state);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_write_set_state);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_write_with_state);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_write_any_len_with_state);
TILEWRIGHT_NO_REGISTERS(ncrisc_noc_set_transaction_id);
TILEWRIGHT_NO_REGISTERS(noc_fast_write_dw_inline);
TILEWRIGHT_NO_REGISTERS(noc_fast_write_dw_inline_set_state);
TILEWRIGHT_NO_REGISTERS(noc_fast_write_dw_inline_with_state);
TILEWRIGHT_NO_REGISTERS(noc_fast_atomic_increment);
TILEWRIGHT_NO_REGISTERS(noc_fast_multicast_atomic_increment);
TILEWRIGHT_NO_REGISTERS(noc_cmd_buf_ready);
TILEWRIGHT_NO_REGISTERS(noc_clear_outstanding_req_cnt);
TILEWRIGHT_NO_REGISTERS(noc_write_init_state);
TILEWRIGHT_NO_REGISTERS(cq_noc_async_write_with_state);
TILEWRIGHT_NO_REGISTERS(cq_noc_async_write_init_state);
TILEWRIGHT_NO_REGISTERS(cq_noc_inline_dw_write_with_state);
TILEWRIGHT_NO_REGISTERS(wait_for_sync_register_value);
#undef TILEWRIGHT_NO_REGISTERS
#undef TILEWRIGHT_UNAVAILABLE
