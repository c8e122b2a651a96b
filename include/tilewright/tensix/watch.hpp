// One number of Dst, followed through the instructions that make it, and written down: what of SrcA
// and SrcB went into it, what the vector unit did with it, what packers made of it.
//
// A watch looks before and after each instruction and changes nothing. It costs host time while it
// is there, and no cycles.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/tensix/format.hpp"
#include "tilewright/tensix/instruction.hpp"
#include "tilewright/tensix/state.hpp"

namespace tilewright::tensix {

/// A number of a tile of Dst, whose rows and columns are those of the 32 x 32 matrix.
struct DstElement {
    std::uint32_t tile = 0;  ///< 0 to 7, or to 15 if Dst is `full`
    std::uint32_t row = 0;
    std::uint32_t column = 0;
    bool full = false;  ///< Dst is used as a whole; else `tile` counts in either of its halves
};

/// The bits of a number of Dst in the usual order (sign, exponent, mantissa) of a format.
struct DstNumber {
    bool defined = false;
    Format format = Format::bf16;  ///< fp32, bf16, fp16 or int32
    std::uint32_t bits = 0;
    bool operator==(const DstNumber&) const = default;
};

/// Numbers of SrcA and SrcB that the matrix unit takes for one number of Dst, in pairs.
struct MatrixOperands {
    struct Number {
        double value = 0;
        double part = 0;  ///< of it that the fidelity phase multiplies
    };
    Format format_of_a = Format::bf16;
    Format format_of_b = Format::bf16;
    bool multiplies = true;   ///< else they are added, or taken from one another
    bool accumulates = true;  ///< to what Dst has
    std::uint32_t phase = 0;
    std::vector<Number> a{}, b{};
};

/// What a packer makes of a number.
struct PackedNumber {
    std::uint32_t packer = 0;
    Format intermediate = Format::bf16;
    Format format = Format::bf16;        ///< in L1
    std::uint32_t address = 0;           ///< in L1, of the byte in which it begins
    std::uint32_t first_bit = 0;         ///< in that byte
    std::uint32_t exponent_address = 0;  ///< of a block's exponent
    bool added = false;                  ///< to what was there
    std::uint32_t relu_mode = 0;         ///< 0: none

    // After the instruction:
    std::uint32_t bits = 0;
    std::uint8_t shared_exponent = 0;  ///< of a block
};

/// What one instruction did.
struct WatchedStep {
    enum class Kind : std::uint8_t {
        matrix,  ///< `operands`
        vector,  ///< `registers`; the number itself only where they are stored
        packed,  ///< `packed`
        other,   ///< moved, unpacked or cleared
    };
    Kind kind = Kind::other;
    std::uint64_t cycle = 0;
    std::uint32_t thread = 0;
    std::uint32_t word = 0;  ///< the instruction
    std::uint32_t dst_row = 0;
    DstNumber before{}, after{};
    std::optional<MatrixOperands> operands{};
    std::optional<PackedNumber> packed{};
    /// Of the vector unit in the number's lane, after the instruction, and which one it changed.
    std::array<std::uint32_t, 8> registers{};
    std::optional<std::uint32_t> result{};
};

/// An instruction that begins.
struct Beginning {
    std::uint64_t cycle = 0;
    std::uint32_t thread = 0;
    std::uint32_t word = 0;
};

/// What may follow the instructions of an engine: called before and after each.
class TILEWRIGHT_API InstructionWatch {
public:
    virtual ~InstructionWatch() = default;
    virtual void before(State& state, Architecture architecture, std::span<std::byte> l1,
                        const Beginning& instruction) = 0;
    virtual void after(const State& state, std::span<const std::byte> l1) = 0;
};

class TILEWRIGHT_API ElementWatch final : public InstructionWatch {
public:
    /// At most `most` steps are kept, the first ones. ArgumentError for a number that Dst does not
    /// have.
    explicit ElementWatch(const DstElement& element, std::size_t most = 100'000);

    void before(State& state, Architecture architecture, std::span<std::byte> l1,
                const Beginning& instruction) override;
    void after(const State& state, std::span<const std::byte> l1) override;

    const std::vector<WatchedStep>& steps() const { return steps_; }
    bool complete() const { return complete_; }  ///< no step was left out

private:
    /// One of the two places where the number may be: in the first or the second half of Dst.
    struct Place {
        std::uint32_t row = 0;
        DstNumber before{};
        std::optional<MatrixOperands> operands{};
        std::vector<PackedNumber> packed{};
        std::optional<unsigned> lane{};  ///< of SFPSTORE
    };
    /// A vector instruction since the last store, for all lanes.
    struct VectorStep {
        WatchedStep step;
        std::array<std::array<std::uint32_t, lane_count>, 8> registers;
    };

    void keep(WatchedStep step);
    void follow_vector(const VectorState& vector, const WatchedStep& step);
    void tell_vector(unsigned lane, std::uint32_t dst_row);

    std::uint32_t row_;  ///< in a half
    std::uint32_t column_;
    std::uint32_t places_used_;
    std::size_t most_;
    bool complete_ = true;
    std::vector<WatchedStep> steps_;

    // Of the instruction under way.
    WatchedStep step_;
    Op op_ = Op::nop;
    std::array<Place, 2> places_;
    // Of the vector unit.
    std::vector<VectorStep> vector_;
    bool stored_ = false;
};

}  // namespace tilewright::tensix
