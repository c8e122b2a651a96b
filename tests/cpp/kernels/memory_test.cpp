// The memory functions that are linked into kernels, built for the host and held to the host's own.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <cwchar>
#include <random>
#include <string>
#include <vector>

#define memcpy kernel_memcpy
#define memmove kernel_memmove
#define memset kernel_memset
#define memcmp kernel_memcmp
#define bcmp kernel_bcmp
#define memchr kernel_memchr
#define wmemchr kernel_wmemchr
#define strlen kernel_strlen
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-declarations"  // compilers know these without
#include "runtime/memory.cpp"  // NOLINT(bugprone-suspicious-include): that is the point
#pragma GCC diagnostic pop
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef bcmp
#undef memchr
#undef wmemchr
#undef strlen

namespace {

constexpr std::size_t room = 512;

class Memory : public testing::Test {
protected:
    std::vector<unsigned char> noise() {
        std::vector<unsigned char> bytes(room);
        for (auto& b : bytes) b = static_cast<unsigned char>(random_());
        return bytes;
    }
    std::size_t below(std::size_t bound) { return random_() % bound; }

private:
    std::mt19937 random_{4};
};

/// Every alignment of both ends, every short length, and some long ones.
TEST_F(Memory, CopyTouchesItsBytesAndNoOthers) {
    for (std::size_t to = 0; to < 4; ++to)
        for (std::size_t from = 0; from < 4; ++from)
            for (std::size_t count = 0; count < 150; ++count) {
                const auto source = noise();
                auto expected = noise();
                auto actual = expected;
                std::memcpy(expected.data() + 64 + to, source.data() + 64 + from, count);
                void* result =
                    kernel_memcpy(actual.data() + 64 + to, source.data() + 64 + from, count);
                ASSERT_EQ(result, actual.data() + 64 + to);
                ASSERT_EQ(actual, expected) << to << " " << from << " " << count;
            }
}

TEST_F(Memory, MoveAllowsOverlapBothWays) {
    for (int round = 0; round < 20000; ++round) {
        const std::size_t to = below(200);
        const std::size_t from = below(200);
        const std::size_t count = below(200);
        auto expected = noise();
        auto actual = expected;
        std::memmove(expected.data() + to, expected.data() + from, count);
        ASSERT_EQ(kernel_memmove(actual.data() + to, actual.data() + from, count),
                  actual.data() + to);
        ASSERT_EQ(actual, expected) << to << " " << from << " " << count;
    }
}

TEST_F(Memory, SetUsesTheLowByte) {
    for (std::size_t to = 0; to < 4; ++to)
        for (std::size_t count = 0; count < 150; ++count) {
            auto expected = noise();
            auto actual = expected;
            const int value = static_cast<int>(0x100 + below(256));
            std::memset(expected.data() + to, value, count);
            ASSERT_EQ(kernel_memset(actual.data() + to, value, count), actual.data() + to);
            ASSERT_EQ(actual, expected) << to << " " << count;
        }
}

int sign(int number) {
    return (number > 0) - (number < 0);
}

TEST_F(Memory, CompareOrdersByUnsignedBytes) {
    for (int round = 0; round < 20000; ++round) {
        const std::size_t count = below(100);
        const std::size_t left_at = below(8);
        const std::size_t right_at = below(8);
        const auto left = noise();
        auto right = noise();
        std::memcpy(right.data() + right_at, left.data() + left_at, count);
        if (round % 2 == 0) right[right_at + below(count + 1)] ^= 0x80;
        const int expected = std::memcmp(left.data() + left_at, right.data() + right_at, count);
        ASSERT_EQ(sign(kernel_memcmp(left.data() + left_at, right.data() + right_at, count)),
                  sign(expected));
        ASSERT_EQ(kernel_bcmp(left.data() + left_at, right.data() + right_at, count) == 0,
                  expected == 0);
    }
}

TEST_F(Memory, SearchFindsTheFirst) {
    for (int round = 0; round < 2000; ++round) {
        auto bytes = noise();
        const std::size_t count = below(300);
        const int value = static_cast<int>(below(256));
        ASSERT_EQ(kernel_memchr(bytes.data(), value, count),
                  std::memchr(bytes.data(), value, count));
        const std::wstring wide(bytes.begin(), bytes.end());
        ASSERT_EQ(kernel_wmemchr(wide.data(), static_cast<wchar_t>(value), count),
                  std::wmemchr(wide.data(), static_cast<wchar_t>(value), count));
        bytes.back() = 0;
        const auto* text = reinterpret_cast<const char*>(bytes.data());
        ASSERT_EQ(kernel_strlen(text), std::strlen(text));
    }
}

}  // namespace
