// The network of a chip, and what stands on it that is no tile, as its configuration describes
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tilewright {

/// Coordinates of a router of the network.
struct Router {
    std::uint16_t x = 0;
    std::uint16_t y = 0;
    bool operator==(const Router&) const = default;
};

/// The routers at which a DRAM bank is reached, one for each NoC.
struct DramPorts {
    Router noc0;
    Router noc1;
    bool operator==(const DramPorts&) const = default;
};

/// Two unidirectional tori of the same size, in opposite directions.
struct NocConfig {
    std::uint32_t router_columns = 0;
    std::uint32_t router_rows = 0;
    std::uint32_t noc_flit_bytes = 64;
    std::uint32_t noc_inject_cycles = 5;
    std::uint32_t noc_hop_cycles = 9;
    std::uint32_t noc_eject_cycles = 5;
    std::uint32_t noc_serve_cycles = 0;
    std::uint32_t noc_l1_alignment = 16;
    std::uint32_t noc_dram_alignment = 64;
    std::vector<DramPorts> dram;  ///< one entry for each bank that the network reaches
    bool operator==(const NocConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each that is a number.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("router_columns", c.router_columns, 1, 64, "routers", "width of the network");
        field("router_rows", c.router_rows, 1, 64, "routers", "height of the network");
        field("noc_flit_bytes", c.noc_flit_bytes, 4, 4096, "bytes",
              "size of a flit, of which a link moves one a cycle");
        field("noc_inject_cycles", c.noc_inject_cycles, 1, 10'000, "cycles",
              "from a network interface to its router");
        field("noc_hop_cycles", c.noc_hop_cycles, 1, 10'000, "cycles",
              "from a router to its neighbour");
        field("noc_eject_cycles", c.noc_eject_cycles, 1, 10'000, "cycles",
              "from a router to its network interface");
        field("noc_serve_cycles", c.noc_serve_cycles, 0, 10'000, "cycles",
              "a request's accesses to the L1s of both its ends, and its turn in their interfaces");
        field("noc_l1_alignment", c.noc_l1_alignment, 1, 4096, "bytes",
              "source and destination must agree modulo this; a power of two");
        field("noc_dram_alignment", c.noc_dram_alignment, 1, 4096, "bytes",
              "likewise for reads from DRAM and from the host");
    }
};

/// The link to the host, which the copies of queues and transfers with pinned memory cross.
struct HostLinkConfig {
    std::uint32_t host_bytes_per_cycle = 64;
    std::uint32_t host_latency_cycles = 0;
    /// Where the host stands on the network, alone or beside a DRAM bank; without a router, kernels
    /// do not reach its memory.
    std::optional<Router> host_router;
    bool operator==(const HostLinkConfig&) const = default;

    /// field(name, value, least, most, unit, what it is) for each that is a number.
    template <class Config, class Visitor>
    static void visit_fields(Config& c, Visitor&& field) {
        field("host_bytes_per_cycle", c.host_bytes_per_cycle, 1, 65536, "bytes per cycle",
              "rate of the link to the host");
        field("host_latency_cycles", c.host_latency_cycles, 0, 10'000'000, "cycles",
              "latency of the link to the host");
    }
};

}  // namespace tilewright
