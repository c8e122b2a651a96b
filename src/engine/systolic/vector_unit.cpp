#include "tilewright/engine/systolic/vector_unit.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "engine/systolic/default_floats.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {

namespace {

template <class T>
T load(const std::byte* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}
template <class T>
void store(std::byte* p, T value) {
    std::memcpy(p, &value, sizeof value);
}

void finish_integers(const Epilogue& epilogue, const std::byte* sums, const std::byte* bias,
                     std::byte* out, std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) {
        std::uint32_t sum = load<std::uint32_t>(sums + i * 4);
        if (bias != nullptr) sum += load<std::uint32_t>(bias + i * 4);  // wraps
        if (epilogue.activation == Activation::relu && (sum >> 31) != 0) sum = 0;
        store(out + i * 4, sum);
    }
}

template <class Narrow>
void finish_floats(const Epilogue& epilogue, const std::byte* sums, const std::byte* bias,
                   std::byte* out, std::uint64_t n, Narrow narrow) {
    const auto finish = [&](auto activated) {
        for (std::uint64_t i = 0; i < n; ++i) {
            float sum = load<float>(sums + i * 4);
            if (bias != nullptr) sum += load<float>(bias + i * 4);
            const auto value = narrow(activated(sum));
            store(out + i * sizeof value, value);
        }
    };
    if (epilogue.activation == Activation::none) {
        finish([](float sum) { return sum; });
        return;
    }
    finish([&](float sum) { return activate(epilogue.activation, sum); });
}

// Sums that stay what they are, but for NaNs, four at a time.
void finish_plain(const std::byte* sums, std::byte* out, std::uint64_t n) {
    using Four = float __attribute__((vector_size(16)));
    constexpr float nan = std::bit_cast<float>(0x7fc00000U);
    std::uint64_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const auto four = load<Four>(sums + i * 4);
        store(out + i * 4, four == four ? four : Four{nan, nan, nan, nan});
    }
    for (; i < n; ++i) store(out + i * 4, with_one_nan(load<float>(sums + i * 4)));
}

}  // namespace

void check_epilogue(DataType operands, const Epilogue& epilogue) {
    const auto refuse = [&](const std::string& expected) {
        throw ArgumentError("matmuls of " + std::string(name_of(operands)) + " " + expected);
    };
    if (operands == DataType::int32) refuse("are not supported; use int8");
    if (is_integer(operands)) {
        if (epilogue.out != DataType::int32) {
            refuse("are summed in int32 and cannot be written as " +
                   std::string(name_of(epilogue.out)));
        }
        if (epilogue.activation != Activation::none && epilogue.activation != Activation::relu) {
            refuse("are summed in int32, for which there is no activation '" +
                   std::string(name_of(epilogue.activation)) + "'; known: none, relu");
        }
    } else if (is_integer(epilogue.out)) {
        refuse("are summed in float32 and cannot be written as " +
               std::string(name_of(epilogue.out)));
    }
}

std::uint32_t vector_steps(const Epilogue& epilogue) {
    std::uint32_t steps = epilogue.has_bias ? 1 : 0;
    switch (epilogue.activation) {
        case Activation::none:
            break;
        case Activation::relu:
            steps += 1;
            break;
        case Activation::sigmoid:
        case Activation::tanh:
            steps += 6;
            break;
        case Activation::silu:
            steps += 7;
            break;
        case Activation::gelu:
            steps += 8;
            break;
    }
    return steps;
}

std::uint64_t vector_cycles(const Epilogue& epilogue, std::uint64_t elements, std::uint32_t lanes) {
    return (elements + lanes - 1) / lanes * vector_steps(epilogue);
}

void publish(const Epilogue& epilogue, SumView sums, const std::byte* bias, std::byte* out,
             std::uint64_t out_row_bytes, std::uint64_t m, std::uint64_t n) {
    const DefaultFloats guard;
    for (std::uint64_t row = 0; row < m; ++row) {
        const std::byte* from = sums.data + row * sums.row_elements * 4;
        std::byte* to = out + row * out_row_bytes;
        switch (epilogue.out) {
            case DataType::int32:
            case DataType::int8:
                finish_integers(epilogue, from, bias, to, n);
                break;
            case DataType::float32:
                if (epilogue.activation == Activation::none && bias == nullptr) {
                    finish_plain(from, to, n);
                    break;
                }
                finish_floats(epilogue, from, bias, to, n,
                              [](float value) { return with_one_nan(value); });
                break;
            case DataType::bfloat16:
                finish_floats(epilogue, from, bias, to, n,
                              [](float value) { return float_to_bfloat16(value); });
                break;
            case DataType::float16:
                finish_floats(epilogue, from, bias, to, n,
                              [](float value) { return float_to_float16(value); });
                break;
        }
    }
}

}  // namespace tilewright
