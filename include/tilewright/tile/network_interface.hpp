// The registers of a tile's network interface, one set for each core and NoC, and the near end of
// the transfers that they start (abi::noc_register).
#pragma once

#include <cstdint>
#include <vector>

#include "tilewright/noc/noc.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/register_device.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

/// The registers of one core.
struct NocPort {
    std::uint32_t remote_node = 0;
    std::uint32_t remote_address = 0;
    std::uint32_t local_address = 0;
    std::uint32_t length = 0;
    std::uint32_t value = 0;
    std::uint32_t receivers = 0;
    std::uint32_t reads_pending = 0;
    std::uint32_t writes_pending = 0;
    std::uint32_t writes_unsent = 0;
    std::uint32_t atomics_pending = 0;

    std::uint32_t outstanding() const { return reads_pending + writes_pending + atomics_pending; }
};

template <class Archive>
void fields(Archive& archive, NocPort& p) {
    archive(p.remote_node, p.remote_address, p.local_address, p.length, p.value, p.receivers,
            p.reads_pending, p.writes_pending, p.writes_unsent, p.atomics_pending);
}

class NetworkInterface final : public RegisterDevice {
public:
    NetworkInterface(Tile& tile, std::uint32_t noc);

    const NocPort& port(std::uint32_t core) const { return ports_[core]; }

    // Of a transfer that a core of this tile began, as NocEndpoints:
    void capture(Packet& packet) const;
    void departed(const Packet& packet, std::uint64_t cycle);
    void finish(Packet& packet, std::uint64_t cycle);

    riscv::Access load(std::uint32_t core, std::uint32_t offset, std::uint64_t cycle) override;
    riscv::Cause store(std::uint32_t core, std::uint32_t offset, std::uint32_t bytes,
                       std::uint32_t value, std::uint64_t cycle) override;
    Word word(std::uint32_t offset) const override;
    std::uint32_t value(std::uint32_t core, std::uint32_t offset) const override;
    bool can_change(std::uint32_t core, std::uint32_t offset) const override;
    std::string describe_word(std::uint32_t core, std::uint32_t offset) const override;
    void save(ArchiveWriter& archive) const override;
    void load_state(ArchiveReader& archive) override;
    void check() const override;
    void launched(std::uint32_t core) override;
    void abort() override;

private:
    void start_transfer(std::uint32_t core, std::uint32_t command, std::uint64_t cycle);
    void counter_changed(std::uint32_t core, std::uint32_t counter, std::uint64_t cycle);

    Tile& tile_;
    std::uint32_t noc_;
    std::vector<NocPort> ports_;  // by core of the tile
};

}  // namespace tilewright
