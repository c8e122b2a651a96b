#include "tile/toy_counter/toy_counter.hpp"

#include <memory>

#include "tilewright/base/error.hpp"
#include "tilewright/tile/run.hpp"
#include "tilewright/tile/tile.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright::test {
namespace {

namespace reg = toy_register;
using riscv::Cause;

struct ToyState {
    std::uint32_t compare = 0;
    bool armed = false;
    std::uint32_t matches = 0;
};
template <class Archive>
void fields(Archive& archive, ToyState& s) {
    archive(s.compare, s.armed, s.matches);
}

class ToyCounter final : public RegisterDevice {
public:
    explicit ToyCounter(Tile& tile) : tile_(tile) {}

    riscv::Access load(std::uint32_t, std::uint32_t offset, std::uint64_t cycle) override {
        if (offset == reg::count) return {static_cast<std::uint32_t>(cycle), Cause::none, 0};
        if (offset == reg::matches) return {state_.matches, Cause::none, 0};
        return {0, Cause::load_unmapped, 0};
    }
    Cause store(std::uint32_t, std::uint32_t offset, std::uint32_t, std::uint32_t value,
                std::uint64_t cycle) override {
        if (offset != reg::compare) return Cause::store_unmapped;
        state_.compare = value;
        state_.armed = value > cycle;
        if (state_.armed) schedule_device(tile_, *this, value);
        return Cause::none;
    }

    Word word(std::uint32_t offset) const override {
        return offset == reg::matches ? Word::counter : Word::other;
    }
    std::uint32_t value(std::uint32_t, std::uint32_t) const override { return state_.matches; }
    // Any core of the tile may yet arm it.
    bool can_change(std::uint32_t, std::uint32_t offset) const override {
        return offset == reg::matches;
    }
    std::string describe_word(std::uint32_t, std::uint32_t) const override {
        return "the toy counter to match, which it has done " + std::to_string(state_.matches) +
               " times";
    }

    void save(ArchiveWriter& archive) const override { archive(state_); }
    void load_state(ArchiveReader& archive) override { archive(state_); }
    void check() const override {
        if (state_.armed && state_.compare == 0)
            throw SnapshotError("snapshot: a toy that cannot be");
    }
    void handle(const ScheduledEvent& event) override {
        if (!state_.armed || state_.compare != event.cycle) return;  // it was armed anew
        state_.armed = false;
        ++state_.matches;
        for (std::uint32_t core = 0; core < tile_.core_count(); ++core) {
            register_changed(tile_, core, reg::base + reg::matches, event.cycle, Core::nobody);
        }
    }
    void count(const CountSink& sink) const override {
        sink("toy_counter." + std::to_string(tile_.index) + ".matches", "matches", "so far",
             state_.matches);
    }
    std::string describe() const override {
        if (!state_.armed) return {};
        return "\n  toy counter of " + tile_name(tile_.site) + ", which will match at cycle " +
               std::to_string(state_.compare);
    }
    std::uint32_t busy() const override { return state_.armed ? 1 : 0; }
    void abort() override { state_.armed = false; }

private:
    Tile& tile_;
    ToyState state_;
};

}  // namespace

DeviceKind toy_counter() {
    return {.name = "toy counter",
            .base = reg::base,
            .bytes = reg::size,
            .loads = "words",
            .stores = "words",
            .make = [](Tile& tile) { return std::make_unique<ToyCounter>(tile); }};
}

}  // namespace tilewright::test
