// From the plan of a matmul to the commands of engines, in an order in which every command waits
// for earlier ones only, so that engines which several pieces share cannot wait for each other in a
// ring.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tilewright/engine/command.hpp"
#include "tilewright/ops/matmul.hpp"

namespace tilewright::detail {

/// A stretch of a matrix that lies in one memory without a gap, and where it lies in a piece.
struct MatmulPart {
    std::uint32_t memory;  ///< different ones have different numbers
    GlobalAddress outside;
    std::uint64_t inside;
    std::uint64_t bytes;
};

/// A matrix outside of the lanes.
struct Stretches {
    /// Appends the stretches of so many bytes of it, from `offset` on, as parts of a piece in which
    /// they begin at `inside`.
    std::function<void(std::uint64_t offset, std::uint64_t bytes, std::uint64_t inside,
                       std::vector<MatmulPart>& parts)>
        append;
    /// Where its first byte lies, if all others follow it there.
    std::optional<GlobalAddress> whole;

    void operator()(std::uint64_t offset, std::uint64_t bytes, std::uint64_t inside,
                    std::vector<MatmulPart>& parts) const {
        append(offset, bytes, inside, parts);
    }
};

/// Of a copy: its first row, how many there are, and the strides outside and inside.
using Move = std::function<void(const MatmulPart&, std::uint64_t, std::uint64_t, std::uint64_t)>;

/// As few strided copies as make up the parts of a piece whose rows have so many bytes: calls
/// move() for each.
void join(std::vector<MatmulPart>& parts, std::uint64_t row_bytes, const Move& move);

/// Row-major; rows follow each other.
struct MatmulOperands {
    Stretches a, b, c, bias;
};

class MatmulCommands {
public:
    using Command = std::pair<EngineId, EngineCommand>;
    /// Each engine that takes part signals the flag that `flag_of` gives it, once a command; flags
    /// must be 0 in the beginning.
    MatmulCommands(const MatmulPlan& plan, MatmulOperands operands,
                   std::function<std::uint32_t(EngineId)> flag_of);

    /// Append the commands of one block of every lane; false if there are no more.
    bool next(std::vector<Command>& commands);
    /// Of each lane the last command so far. Some of them, and the very last, have a completion.
    std::vector<FlagWait> last_points() const;
    static constexpr std::uint64_t completion = ~std::uint64_t{0};

private:
    /// When something has happened: the engine's command number `count` has ended.
    struct Point {
        std::uint32_t flag = EngineCommand::no_flag;
        std::uint32_t count = 0;
    };
    /// What lies in a slot. Pieces have numbers of their own for each operand.
    struct Slot {
        std::uint64_t piece = ~std::uint64_t{0};
        Point filled;
        Point read;              ///< by the last command so far that reads it
        std::uint64_t used = 0;  ///< the larger, the later
    };
    struct Lane {
        const MatmulLane* plan;
        std::vector<std::array<Slot, 2>> a, b, c;  // by level
        std::array<Slot, 3> bias;
        std::uint64_t tick = 0;
        std::uint64_t next_block = 0;
        Point last;
    };
    /// One block: a tile and a step of k.
    struct Block {
        std::uint64_t tile, step;
        std::uint64_t m0, m, n0, n, k0, k;
        std::uint64_t a_piece, b_piece;
    };
    enum class Operand { a, b };

    Block block(const Lane& lane, std::uint64_t number) const;
    std::uint64_t block_count(const Lane& lane) const {
        return lane.plan->tile_count * plan_.steps_k();
    }
    Point issue(EngineId engine, Work work, std::initializer_list<Point> waits);
    struct Choice {
        std::uint32_t index;
        bool fresh;  ///< the piece is not there yet
    };
    /// The slot for a piece: the one that holds it, or the one that was chosen longest ago.
    static Choice choose(Lane& lane, std::span<Slot> slots, std::uint64_t piece);
    /// The slot that was chosen for a piece.
    static std::uint32_t find(std::span<const Slot> slots, std::uint64_t piece);

    void fetch(Lane& lane, const Block& block);
    void fetch_operand(Lane& lane, const Block& block, Operand operand);
    void fetch_bias(Lane& lane, const Block& block);
    void lower(Lane& lane, const Block& block, std::size_t level);
    void lower_operand(Lane& lane, const Block& block, std::size_t level, Operand operand);
    struct Panels {
        std::uint64_t m0, m, n0, n;  // in the block
    };
    std::vector<Panels> panels(const Block& block) const;
    void feed(Lane& lane, const Block& block, const Panels& panels);
    void feed_operand(Lane& lane, const Block& block, Operand operand, std::uint64_t first,
                      std::uint64_t count);
    void multiply(Lane& lane, const Block& block, const Panels& panels);
    void store(Lane& lane, const Block& block);

    const MatmulPlan& plan_;
    MatmulOperands operands_;
    std::function<std::uint32_t(EngineId)> flag_of_;
    std::vector<Lane> lanes_;
    std::vector<std::uint32_t> issued_;  // commands so far, by flag
    std::vector<Command>* out_ = nullptr;
    std::uint64_t size_, out_size_;
};

}  // namespace tilewright::detail
