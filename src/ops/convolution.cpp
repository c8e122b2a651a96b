// Device::conv2d(): a convolution is a matmul whose matrix A has a row for each place of the
// output and a column for each weight of a filter. Its rows are stretches of the images (or zeros,
// beyond the edge): DMA either gathers them as the matmul goes along, or writes the whole matrix
// to DRAM first.
#include "tilewright/ops/convolution.hpp"

#include <algorithm>
#include <string>

#include "ops/run_matmul.hpp"
#include "runtime/device_lock.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

using detail::MatmulPart;
using detail::Stretches;

/// The matrix A of a convolution, out of the images and a row of zeros.
Stretches gathered(const Convolution& conv, std::uint64_t size, Stretches images, Stretches zeros) {
    const auto append = [conv, size, images = std::move(images), zeros = std::move(zeros)](
                            std::uint64_t offset, std::uint64_t bytes, std::uint64_t inside,
                            std::vector<MatmulPart>& parts) {
        const std::uint64_t pixel = conv.channels * size;
        const std::uint64_t filter_row = conv.kernel_width * pixel;
        const std::uint64_t row_bytes = conv.kernel_height * filter_row;
        const std::uint64_t places = conv.output_height() * conv.output_width();
        const std::uint64_t place = offset / row_bytes;
        const std::uint64_t image = place / places;
        const auto top =
            static_cast<std::int64_t>(place % places / conv.output_width() * conv.stride.down) -
            static_cast<std::int64_t>(conv.padding.top);
        const auto left =
            static_cast<std::int64_t>(place % conv.output_width() * conv.stride.right) -
            static_cast<std::int64_t>(conv.padding.left);
        // Bytes of a row of the image, counted from the left edge of the filter.
        const auto edge = [&](std::int64_t column) {
            const std::int64_t from = std::clamp<std::int64_t>(
                column - left, 0, static_cast<std::int64_t>(conv.kernel_width));
            return static_cast<std::uint64_t>(from) * pixel;
        };
        const std::uint64_t begin = edge(0);
        const std::uint64_t end = edge(static_cast<std::int64_t>(conv.width));

        for (std::uint64_t done = 0; done < bytes;) {
            const std::uint64_t at = offset % row_bytes + done;
            const std::uint64_t y = at / filter_row;
            const std::uint64_t x = at % filter_row;  // bytes into this row of the filter
            const std::int64_t line = top + static_cast<std::int64_t>(y);
            const bool no_line = line < 0 || line >= static_cast<std::int64_t>(conv.height);
            const bool zero = no_line || x < begin || x >= end;
            const std::uint64_t stop = zero ? (!no_line && x < begin ? begin : filter_row) : end;
            const std::uint64_t count = std::min(bytes - done, stop - x);
            if (zero) {
                zeros(0, count, inside + done, parts);
            } else {
                const std::uint64_t row = image * conv.height + static_cast<std::uint64_t>(line);
                const std::uint64_t first =
                    row * conv.width * pixel +
                    static_cast<std::uint64_t>(left * static_cast<std::int64_t>(pixel) +
                                               static_cast<std::int64_t>(x));
                images(first, count, inside + done, parts);
            }
            done += count;
        }
    };
    return {append, std::nullopt};
}

/// Bytes of the images that some filter position covers.
std::uint64_t covered_bytes(const Convolution& conv, std::uint64_t size) {
    const auto covered = [](std::uint64_t before, std::uint64_t length, std::uint64_t kernel,
                            std::uint64_t stride, std::uint64_t places) {
        std::uint64_t count = 0;
        for (std::uint64_t i = before; i < before + length; ++i) {
            const std::uint64_t last = std::min(i / stride, places - 1);
            count += i < last * stride + kernel ? 1 : 0;
        }
        return count;
    };
    const std::uint64_t rows = covered(conv.padding.top, conv.height, conv.kernel_height,
                                       conv.stride.down, conv.output_height());
    const std::uint64_t columns = covered(conv.padding.left, conv.width, conv.kernel_width,
                                          conv.stride.right, conv.output_width());
    return conv.images * rows * columns * conv.channels * size;
}

void check(const Convolution& c) {
    constexpr std::uint64_t limit = 1 << 20;
    const auto refuse = [](const std::string& why) { throw ArgumentError("conv2d: " + why); };
    for (const std::uint64_t size :
         {c.images, c.height, c.width, c.channels, c.filters, c.kernel_height, c.kernel_width,
          c.stride.down, c.stride.right}) {
        if (size == 0 || size > limit) refuse("expected sizes and strides from 1 to 2^20");
    }
    const std::uint64_t rows = std::max(c.padding.top, c.padding.bottom);
    const std::uint64_t columns = std::max(c.padding.left, c.padding.right);
    if (rows >= c.kernel_height || columns >= c.kernel_width) {
        refuse("expected a padding smaller than the filter, got " + std::to_string(rows) +
               " rows and " + std::to_string(columns) + " columns");
    }
    if (c.kernel_height > c.padded_height() || c.kernel_width > c.padded_width()) {
        refuse("the filter of " + std::to_string(c.kernel_height) + " x " +
               std::to_string(c.kernel_width) + " is larger than the padded image");
    }
}

}  // namespace

MatmulReport Device::conv2d(const Buffer& images, const Buffer& filters, const Buffer& output,
                            const Convolution& conv, const MatmulOptions& options,
                            const Buffer* bias, const RunOptions& run) {
    const detail::DeviceLock held = open_state();
    detail::DeviceState& state = *held;
    check(conv);
    MatmulOptions wanted = options;
    wanted.has_bias = bias != nullptr;
    const GemmShape shape = conv.gemm();
    const MatmulPlan plan = plan_matmul(state.chip.config(), shape, wanted);

    const std::uint64_t size = size_of(options.type);
    const std::uint64_t filter_bytes = shape.k * shape.n * size;
    const std::uint64_t output_bytes = shape.m * shape.n * size_of(*plan.options.out);
    const std::uint64_t bias_bytes = bias == nullptr ? 0 : shape.n * 4;
    detail::check_operand(state_, "conv2d: images", images,
                          conv.images * conv.height * conv.width * conv.channels * size);
    detail::check_operand(state_, "conv2d: filters", filters, filter_bytes);
    detail::check_operand(state_, "conv2d: output", output, output_bytes);
    if (bias != nullptr) detail::check_operand(state_, "conv2d: bias", *bias, bias_bytes);
    for (const Buffer* other : {&images, &filters, bias}) {
        if (other != nullptr && other->allocation_->id == output.allocation_->id) {
            throw ArgumentError("conv2d: the output is also an operand");
        }
    }

    const auto stretches = [&](const Buffer& buffer) {
        return detail::stretches_of(state, buffer.allocation_->record);
    };
    // What lies beyond the edges is read from here.
    const std::uint64_t row = conv.kernel_width * conv.channels * size;
    const Buffer zeros = allocate(row, Placement::in_bank(0));
    zeros.write(std::vector<std::byte>(row));
    const Stretches matrix = gathered(conv, size, stretches(images), stretches(zeros));
    detail::MatmulOperands operands{matrix, stretches(filters), stretches(output), {}};
    if (bias != nullptr) operands.bias = stretches(*bias);
    const std::uint64_t compulsory =
        covered_bytes(conv, size) + filter_bytes + output_bytes + bias_bytes;
    if (conv.method == Convolution::Method::direct) {
        return detail::run_matmul(state, plan, operands, compulsory, run);
    }

    // One row of the output image after another, by the DMA engines of the plan in turn.
    const std::uint64_t row_bytes = shape.k * size;
    const Buffer written = allocate(shape.m * row_bytes, Placement::in_bank(0));
    const Stretches target = stretches(written);
    std::vector<EngineId> engines;
    for (const MatmulLane& lane : plan.lanes) {
        const EngineId engine = lane.a[0].engine;
        if (std::ranges::find(engines, engine) == engines.end()) engines.push_back(engine);
    }
    std::vector<std::uint32_t> issued(engines.size());
    std::uint64_t next_row = 0;
    const auto prologue =
        [&](const std::function<std::uint32_t(EngineId)>& flag_of) -> detail::NextCommands {
        return [&, flag_of](std::vector<detail::MatmulCommands::Command>& commands,
                            std::vector<FlagWait>& last) {
            if (next_row == shape.m) return false;
            const std::size_t turn = next_row / conv.output_width() % engines.size();
            const std::uint64_t rows = std::min(conv.output_width(), shape.m - next_row);
            std::vector<MatmulPart> parts;
            std::vector<MatmulPart> base;
            for (std::uint64_t i = 0; i < rows; ++i) {
                matrix((next_row + i) * row_bytes, row_bytes, i * row_bytes, parts);
            }
            target(next_row * row_bytes, row_bytes, 0, base);
            const EngineId engine = engines[turn];
            const std::uint32_t flag = flag_of(engine);
            detail::join(parts, row_bytes,
                         [&](const MatmulPart& first, std::uint64_t count, std::uint64_t outside,
                             std::uint64_t inside) {
                             DmaCopy copy{.source = first.outside,
                                          .destination =
                                              GlobalAddress{value(base[0].outside) + first.inside},
                                          .bytes = first.bytes,
                                          .rows = count,
                                          .source_stride = outside,
                                          .destination_stride = inside};
                             commands.push_back({engine, {.work = copy, .done_flag = flag}});
                             ++issued[turn];
                         });
            commands.back().second.completion = detail::MatmulCommands::completion;
            last = {{flag, issued[turn]}};
            next_row += rows;
            return true;
        };
    };
    operands.a = target;
    return detail::run_matmul(state, plan, operands, compulsory, run, prologue);
}

}  // namespace tilewright
