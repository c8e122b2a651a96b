// The networks in their chip: what stands at which router, what nodes mean, and the memories at the
// far ends of transfers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "chip/dram_banks.hpp"
#include "chip/host_side.hpp"
#include "chip/tiles.hpp"
#include "tilewright/chip/config.hpp"
#include "tilewright/noc/noc.hpp"
#include "tilewright/sim/component.hpp"
#include "tilewright/tile/surroundings.hpp"

namespace tilewright {

class Network final : public NetworkPort, private NocEndpoints {
public:
    Network(const ChipConfig& config, SimClock& clock, Memories& memories, const Probes& probes,
            Tiles& tiles, DramBanks& dram, HostSide& host);

    // NetworkPort
    std::optional<MemoryRef> memory_at(NocNode router) const override {
        return places_[router.y * config_.router_columns + router.x];
    }
    Remote find(std::uint32_t noc, std::uint32_t node) const override;
    std::vector<NocNode> find_all(std::uint32_t noc, std::uint32_t node, NocNode from,
                                  bool with_sender) const override;
    bool pinned(std::uint32_t address, std::uint32_t bytes) const override;
    std::uint64_t bytes_of(const MemoryRef& memory) const override;
    void send(Packet&& packet, std::uint64_t cycle) override;

    // The contract of a component
    using State = Noc;
    const State& state() const { return noc_; }
    State blank() const { return noc_; }
    void check(const State& state, const EventQueue& queue) const;
    void adopt(State&& state) { noc_ = std::move(state); }
    bool owns(std::uint32_t component) const { return component == fabric_component; }
    std::optional<News> handle(const ScheduledEvent& event);
    void count(const CountSink& sink) const;
    std::string describe() const { return {}; }
    std::uint32_t busy() const { return 0; }  // whoever waits for a packet is
    void abort() { noc_.clear(); }
    /// Of packets that are under way nothing is known by the numbers of another observer.
    void forget_order() { noc_.forget_order(); }
    /// SnapshotError while a transfer with the host is under way.
    void check_saved() const;

private:
    // NocEndpoints
    void capture(Packet& packet) override;
    void departed(const Packet& packet, std::uint64_t cycle) override;
    std::uint64_t serve(Packet& packet, std::uint64_t cycle) override;
    void perform(Packet& packet, std::uint64_t cycle) override;
    void finish(Packet& packet, std::uint64_t cycle) override;

    MemoryRef remote_memory(const Packet& packet) const;
    std::byte* pinned_memory(const Packet& packet) const;
    NetworkInterface& initiator(const Packet& packet);

    const ChipConfig& config_;
    SimClock& clock_;
    Memories& memories_;
    const Probes& probes_;
    Tiles& tiles_;
    DramBanks& dram_;
    HostSide& host_;
    Rate dram_rate_;
    std::vector<std::optional<MemoryRef>> places_;  // by router
    Noc noc_;
};
static_assert(Component<Network>);

}  // namespace tilewright
