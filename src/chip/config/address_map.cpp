// Where the memories of a chip lie in the global address map.
#include "tilewright/memory/address_map.hpp"

#include "tilewright/chip/config.hpp"

namespace tilewright {

AddressMap make_address_map(const ChipConfig& c) {
    AddressMap::Requests all;
    const auto request = [&](MemoryKind kind) -> AddressMap::Request& {
        return all[static_cast<std::size_t>(kind)];
    };
    request(MemoryKind::host) = {.field = "host_memory_base",
                                 .base = c.host_memory_base,
                                 .default_base = 0,
                                 .count = c.host_memory_region_count,
                                 .bytes = c.host_memory_region_bytes};
    request(MemoryKind::dram) = {.field = "external_memory_base",
                                 .base = c.external_memory_base,
                                 .default_base = 0x1'0000'0000,
                                 .count = c.dram_bank_count,
                                 .bytes = c.dram_bank_bytes};
    request(MemoryKind::l3) = {.field = "l3_tile_base",
                               .base = c.l3_tile_base,
                               .default_base = 0x1'8000'0000,
                               .count = c.l3_tile_count,
                               .bytes = c.l3_tile_bytes};
    request(MemoryKind::l2) = {.field = "l2_bank_base",
                               .base = c.l2_bank_base,
                               .default_base = 0x1'8008'0000,
                               .count = c.l2_bank_count,
                               .bytes = c.l2_bank_bytes};
    request(MemoryKind::scratchpad) = {.field = "scratchpad_base",
                                       .base = c.scratchpad_base,
                                       .default_base = 0x1'8010'0000,
                                       .count = c.scratchpad_count,
                                       .bytes = c.scratchpad_bytes};
    request(MemoryKind::l1_buffer) = {.field = "l1_buffer_base",
                                      .base = c.l1_buffer_base,
                                      .default_base = 0x1'8020'0000,
                                      .count = c.l1_buffer_count,
                                      .bytes = c.l1_buffer_bytes};
    request(MemoryKind::page_buffer) = {.field = "page_buffer_base",
                                        .base = c.page_buffer_base,
                                        .default_base = 0x1'8030'0000,
                                        .count = c.page_buffer_count,
                                        .bytes = c.page_buffer_bytes};
    request(MemoryKind::tile_l1) = {.field = "tile_l1_base",
                                    .base = c.tile_l1_base,
                                    .default_base = 0x1'8040'0000,
                                    .count = c.all_tile_count(),
                                    .bytes = c.l1_bytes};
    return AddressMap(all);
}

}  // namespace tilewright
