// What the compute engine reaches of its tile.
#pragma once

#include <optional>
#include <string>

#include "tilewright/base/text.hpp"
#include "tilewright/tensix/engine.hpp"
#include "tilewright/tile/order.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

class TileSide final : public tensix::Surroundings {
public:
    explicit TileSide(Tile& tile)
        : tensix::Surroundings({tile.l1, tile.around.parameters.l1_bytes}), tile_(tile) {}

    void at_gate(unsigned thread, std::uint32_t pc) override {
        ask(thread, pc, AccessGuard::Stage::at_gate);
    }
    void beginning(unsigned thread, std::uint32_t pc) override {
        ask(thread, pc, AccessGuard::Stage::begins);
    }

    void reading(std::uint64_t cycle, unsigned thread, const tensix::L1Range& bytes) override {
        const Memories& memories = tile_.around.memories;
        check_closed("read of ", bytes, false);
        const bool user = tile_.around.parameters.in_user_l1(bytes.address);
        if (user && !memories.any_defined(tile_.l1 + bytes.address, bytes.size)) {
            throw tensix::TensixFault("read of " + std::to_string(bytes.size) + " bytes at " +
                                      hex(bytes.address) + ", which nothing has written");
        }
        tell_access(cycle, thread, bytes, false);
    }

    void writing(std::uint64_t cycle, unsigned thread, const tensix::L1Range& bytes) override {
        const Conventions& conventions = tile_.around.parameters.conventions;
        const bool word = bytes.size == 4 && conventions.is_synchronising_word(bytes.address);
        if (bytes.address < conventions.l1_user_base && !word) {
            throw tensix::TensixFault("write to " + hex(bytes.address) + " in reserved L1 (below " +
                                      hex(conventions.l1_user_base) + ")");
        }
        check_closed("write of ", bytes, true);
        const MemoryRef place{MemoryKind::tile_l1, tile_.index, bytes.address};
        tile_.around.memories.will_write(
            place, bytes.size, {.cycle = cycle, .turn = cycle, .component = device_component});
        tell_access(cycle, thread, bytes, true);
    }

private:
    void ask(unsigned thread, std::uint32_t pc, AccessGuard::Stage stage) const {
        if (pc == 0) return;
        const std::string why = tile_.around.checks.guard->instructs(tile_, 1 + thread, pc, stage);
        if (!why.empty()) throw tensix::TensixFault(why);
    }
    void check_closed(const char* what, const tensix::L1Range& bytes, bool writes) const {
        const std::byte* const memory = tile_.l1 + bytes.address;
        const std::string closed =
            writes ? write_refusal(tile_.around, memory, bytes.size, std::nullopt)
                   : read_refusal(tile_.around, memory, bytes.size);
        if (closed.empty()) return;
        throw tensix::TensixFault(what + std::to_string(bytes.size) + " bytes at " +
                                  hex(bytes.address) + closed);
    }
    void tell_access(std::uint64_t cycle, unsigned thread, const tensix::L1Range& bytes,
                     bool writes) const {
        OrderObserver* const order = tile_.around.probes.order;
        if (order == nullptr) return;
        const MemoryRef place{MemoryKind::tile_l1, tile_.index, bytes.address};
        order->on_coprocessor_access(tile_.index, thread, cycle, {place, bytes.size, writes});
    }

    Tile& tile_;
};

}  // namespace tilewright
