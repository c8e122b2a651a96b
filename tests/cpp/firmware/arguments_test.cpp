// Launch arguments as words, without a device.
#include "tilewright/firmware/arguments.hpp"

#include <gtest/gtest.h>

#include "message_of.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::firmware {
namespace {

using Words = std::vector<std::uint32_t>;
using Values = std::vector<ArgumentValue>;

std::string refused(const char* signature, const Values& values) {
    return message_of<ArgumentError>([&] { encode_arguments("k", signature, values); });
}

TEST(EncodedArguments, EachParameterTakesItsWordsLowOnesFirst) {
    const Values values = {std::uint64_t{7},
                           std::int64_t{-1},
                           1.5,
                           std::uint64_t{0x1'0000'0002},
                           std::int64_t{-2},
                           0.5,
                           abi::BufferRef{1, 2, 3, 4, 5},
                           SemaphoreAddress{0x10004}};
    EXPECT_EQ(encode_arguments("k", "uifUIdBS", values),
              (Words{7, 0xFFFFFFFF, 0x3FC00000, 2, 1, 0xFFFFFFFE, 0xFFFFFFFF, 0, 0x3FE00000, 1, 2,
                     3, 4, 5, 0x10004}));
}

TEST(EncodedArguments, WithoutSignatureTheValueDecides) {
    const Values values = {std::uint64_t{0xFFFFFFFF}, std::int64_t{-5}, 2.0,
                           abi::BufferRef{1, 2, 3, 4, 5}};
    EXPECT_EQ(encode_arguments("k", std::nullopt, values),
              (Words{0xFFFFFFFF, 0xFFFFFFFB, 0x40000000, 1, 2, 3, 4, 5}));
    EXPECT_EQ(
        message_of<ArgumentError>([] {
            const Values large = {std::uint64_t{1} << 32};
            encode_arguments("k", std::nullopt, large);
        }),
        "kernel 'k', argument 0: expected a 32-bit integer, a float, a Buffer or a Semaphore, "
        "got the integer 4294967296");
}

TEST(EncodedArguments, WhatDoesNotFitIsRefusedByName) {
    EXPECT_EQ(refused("uf", {std::uint64_t{1}}),
              "kernel 'k' takes 2 arguments (uint32_t, float), got 1");
    EXPECT_EQ(refused("u", {std::int64_t{-1}}),
              "kernel 'k', argument 0: expected uint32_t, got the integer -1");
    EXPECT_EQ(refused("B", {SemaphoreAddress{}}),
              "kernel 'k', argument 0: expected Buffer, got a Semaphore");
    EXPECT_EQ(refused("f", {1e300}).substr(0, 59),
              "kernel 'k', argument 0: expected float, got the number 1000");
    const Values many(abi::max_argument_words + 1, ArgumentValue{std::uint64_t{0}});
    EXPECT_EQ(message_of<ArgumentError>([&] { encode_arguments("k", std::nullopt, many); }),
              "kernel 'k': the arguments take 513 words; a launch has room for 512");
}

}  // namespace
}  // namespace tilewright::firmware
