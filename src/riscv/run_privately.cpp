// RunContext::run_privately(): the hart with all windows closed behind which others may look, or
// that it stores through. A bus that refuses everything else opens those as they are needed, when
// what they hold has been saved: near memory as a whole, shared memory piece by piece.
#include <algorithm>
#include <array>
#include <cstring>

#include "runner.hpp"
#include "tilewright/riscv/run_context.hpp"

namespace tilewright::riscv {
namespace {

class PrivateBus final : public Bus {
public:
    PrivateBus(Context& context, const MemoryMap& memory, const Timing& timing, UndoLog& undo)
        : context_(context),
          near_(memory.near),
          stores_(memory.far_store),
          load_near_(timing.load_near),
          undo_(undo) {}

    Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t) override {
        if (address - near_.base >= near_.bytes) return {0, Cause::retry, 0};
        open_near();
        std::uint32_t value = 0;
        std::memcpy(&value, near_.host + (address - near_.base), bytes);
        return {value, Cause::none, load_near_};
    }
    Cause store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                std::uint64_t) override {
        if (const std::uint32_t at = address - near_.base; at < near_.bytes) {
            open_near();
            std::memcpy(near_.host + at, &value, bytes);
            return Cause::none;
        }
        const std::uint32_t offset = address - stores_.base;
        if (offset >= stores_.bytes || !open(offset / piece_bytes)) return Cause::retry;
        std::memcpy(stores_.host + offset, &value, bytes);
        return Cause::none;
    }
    bool queues_stores(std::uint32_t address) const override {
        return address - near_.base >= near_.bytes;
    }

private:
    static constexpr std::uint32_t piece_bytes = 1024;
    /// Harts that store here and there are better off in their turn.
    static constexpr std::size_t most_moves = 12;

    void open_near() {
        undo_.save(near_.host, near_.bytes);
        context_.near = Window(near_);
    }

    // Stores go to this piece without the bus from now on. Those after it in a row join it.
    bool open(std::uint32_t piece) {
        if (moves_ == most_moves) return false;
        ++moves_;
        const auto end = opened_.begin() + count_;
        if (std::find(opened_.begin(), end, piece) == end) {
            opened_[count_++] = piece;
            const std::uint32_t first = piece * piece_bytes;
            undo_.save(stores_.host + first, std::min(piece_bytes, stores_.bytes - first));
        }
        if (piece == first_ + pieces_) {
            ++pieces_;
        } else {
            first_ = piece;
            pieces_ = 1;
        }
        const std::uint32_t begin = first_ * piece_bytes;
        context_.far_store =
            Window({stores_.base + begin, std::min(pieces_ * piece_bytes, stores_.bytes - begin),
                    stores_.host + begin});
        return true;
    }

    Context& context_;
    const Region& near_;
    const Region& stores_;
    std::uint32_t load_near_;
    UndoLog& undo_;
    std::array<std::uint32_t, most_moves> opened_{};
    std::uint32_t count_ = 0;
    std::size_t moves_ = 0;
    std::uint32_t first_ = 0;  ///< of the pieces that are open, which are in a row
    std::uint32_t pieces_ = 0;
};

/// The context with nothing in reach that others see, until the end of this.
class Closed {
public:
    explicit Closed(Context& context)
        : context_(context),
          near_(context.near),
          far_store_(context.far_store),
          direct_(context.direct),
          port_(context.port) {
        context.near.limit = {};  // translated code knows the base
        context.far_store = context.direct = {};
        context.port = nullptr;
    }
    ~Closed() {
        context_.near = near_;
        context_.far_store = far_store_;
        context_.direct = direct_;
        context_.port = port_;
    }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

private:
    Context& context_;
    Window near_;
    Window far_store_;
    Window direct_;
    PushPort* port_;
};

}  // namespace

bool RunContext::run_privately(HartState& hart, std::uint64_t edge, UndoLog& undo) {
    Context& context = *context_;
    const Closed closed(context);
    PrivateBus bus(context, memory_, code_->timing(), undo);
    const Limits limits{.edge = edge, .horizon = 0, .plain_only = true};
    Fault fault;
    return Runner(context, hart, *code_, bus, nullptr, limits, fault).run() == Stop::edge;
}

}  // namespace tilewright::riscv
