// Launch arguments: from values of the host to the words that the kernel unpacks.
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/runtime/kernel.hpp"

namespace tilewright {
namespace {

std::string parameter_name(abi::Parameter p) {
    switch (p) {
        case abi::Parameter::u32:
            return "uint32_t";
        case abi::Parameter::i32:
            return "int32_t";
        case abi::Parameter::f32:
            return "float";
        case abi::Parameter::u64:
            return "uint64_t";
        case abi::Parameter::i64:
            return "int64_t";
        case abi::Parameter::f64:
            return "double";
        case abi::Parameter::buffer:
            return "Buffer";
        case abi::Parameter::semaphore:
            return "Semaphore";
    }
    return "unknown";
}

std::string describe(const Argument& argument) {
    if (const auto* v = std::get_if<std::int64_t>(&argument))
        return "the integer " + std::to_string(*v);
    if (const auto* v = std::get_if<std::uint64_t>(&argument)) {
        return "the integer " + std::to_string(*v);
    }
    if (const auto* v = std::get_if<double>(&argument)) return "the number " + std::to_string(*v);
    return std::holds_alternative<Buffer>(argument) ? "a Buffer" : "a Semaphore";
}

class Encoder {
public:
    void integer(std::uint64_t bits, bool two_words) {
        words.push_back(static_cast<std::uint32_t>(bits));
        if (two_words) words.push_back(static_cast<std::uint32_t>(bits >> 32));
    }
    void buffer(const Buffer& b) {
        const abi::BufferRef ref = b.ref();
        words.insert(words.end(),
                     {ref.address, ref.bytes, ref.page_bytes, ref.bank_count, ref.node});
    }
    std::vector<std::uint32_t> words;
};

// Whether the integer lies in the type's range; sets the bits to store.
template <class T>
bool fits(const Argument& argument, std::uint64_t& bits) {
    if (const auto* v = std::get_if<std::int64_t>(&argument)) {
        bits = static_cast<std::uint64_t>(*v);
        return std::in_range<T>(*v);
    }
    const auto* v = std::get_if<std::uint64_t>(&argument);
    if (v == nullptr) return false;
    bits = *v;
    return std::in_range<T>(*v);
}

bool encode(Encoder& out, abi::Parameter parameter, const Argument& argument) {
    std::uint64_t bits = 0;
    switch (parameter) {
        case abi::Parameter::u32:
            if (!fits<std::uint32_t>(argument, bits)) return false;
            out.integer(bits, false);
            return true;
        case abi::Parameter::i32:
            if (!fits<std::int32_t>(argument, bits)) return false;
            out.integer(bits, false);
            return true;
        case abi::Parameter::u64:
            if (!fits<std::uint64_t>(argument, bits)) return false;
            out.integer(bits, true);
            return true;
        case abi::Parameter::i64:
            if (!fits<std::int64_t>(argument, bits)) return false;
            out.integer(bits, true);
            return true;
        case abi::Parameter::f32:
        case abi::Parameter::f64: {
            double value = 0;
            if (const auto* d = std::get_if<double>(&argument)) {
                value = *d;
            } else if (const auto* i = std::get_if<std::int64_t>(&argument)) {
                value = static_cast<double>(*i);
            } else if (const auto* u = std::get_if<std::uint64_t>(&argument)) {
                value = static_cast<double>(*u);
            } else {
                return false;
            }
            if (parameter == abi::Parameter::f64) {
                out.integer(std::bit_cast<std::uint64_t>(value), true);
                return true;
            }
            if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
                return false;
            }
            out.integer(std::bit_cast<std::uint32_t>(static_cast<float>(value)), false);
            return true;
        }
        case abi::Parameter::buffer:
            if (!std::holds_alternative<Buffer>(argument)) return false;
            out.buffer(std::get<Buffer>(argument));
            return true;
        case abi::Parameter::semaphore:
            if (!std::holds_alternative<Semaphore>(argument)) return false;
            out.integer(std::get<Semaphore>(argument).address, false);
            return true;
    }
    return false;
}

// Without a signature the value decides how it is passed.
bool encode_untyped(Encoder& out, const Argument& argument) {
    if (std::holds_alternative<Buffer>(argument)) {
        return encode(out, abi::Parameter::buffer, argument);
    }
    if (std::holds_alternative<Semaphore>(argument)) {
        return encode(out, abi::Parameter::semaphore, argument);
    }
    if (std::holds_alternative<double>(argument)) return encode(out, abi::Parameter::f32, argument);
    return encode(out, abi::Parameter::u32, argument) || encode(out, abi::Parameter::i32, argument);
}

}  // namespace

std::vector<std::uint32_t> encode_arguments(const Kernel& kernel, std::span<const Argument> args) {
    const auto& signature = kernel.signature();
    if (signature && signature->size() != args.size()) {
        std::string types;
        for (char letter : *signature) {
            types += (types.empty() ? "" : ", ") + parameter_name(abi::Parameter{letter});
        }
        throw ArgumentError("kernel '" + kernel.name() + "' takes " +
                            std::to_string(signature->size()) + " arguments (" + types + "), got " +
                            std::to_string(args.size()));
    }
    Encoder out;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const std::string where =
            "kernel '" + kernel.name() + "', argument " + std::to_string(i) + ": ";
        bool good = false;
        std::string expected = "a 32-bit integer, a float, a Buffer or a Semaphore";
        try {
            if (signature) {
                const abi::Parameter parameter{(*signature)[i]};
                expected = parameter_name(parameter);
                good = encode(out, parameter, args[i]);
            } else {
                good = encode_untyped(out, args[i]);
            }
        } catch (const AddressError& error) {
            throw AddressError(where + error.what());
        } catch (const ClosedError& error) {
            throw ClosedError(where + error.what());
        }
        if (!good) {
            throw ArgumentError(where + "expected " + expected + ", got " + describe(args[i]));
        }
    }
    if (out.words.size() > abi::max_argument_words) {
        throw ArgumentError("kernel '" + kernel.name() + "': the arguments take " +
                            std::to_string(out.words.size()) + " words; a launch has room for " +
                            std::to_string(abi::max_argument_words));
    }
    return std::move(out.words);
}

}  // namespace tilewright
