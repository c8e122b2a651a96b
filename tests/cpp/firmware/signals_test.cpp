// What a kernel's file says of itself: signature and signal sites.
#include <gtest/gtest.h>

#include "firmware/chip_of_kernels.hpp"
#include "message_of.hpp"
#include "tilewright/firmware/signal_sites.hpp"
#include "tilewright/firmware/signature.hpp"

namespace tilewright::firmware {
namespace {

using riscv::test::Program;

std::shared_ptr<const Image> with_section(const std::string& name, const std::string& bytes) {
    return assembled_image(Program().ecall(), "k", {{name, bytes}});
}

std::string words(std::initializer_list<std::uint32_t> values) {
    std::string bytes;
    for (const std::uint32_t v : values) {
        for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(v >> 8 * i));
    }
    return bytes;
}

TEST(Signature, IsWhatTheSectionSaysUpToItsZero) {
    const auto image = with_section(".tilewright.signature", std::string("uB\0x", 4));
    EXPECT_EQ(signature(image->program(), "k"), "uB");
    EXPECT_EQ(signature(with_section(".other", "u")->program(), "k"), std::nullopt);
    const auto wrong = with_section(".tilewright.signature", "u?");
    EXPECT_EQ(message_of<ElfError>([&] { signature(wrong->program(), "k"); }),
              "'k': unknown parameter letters 'u?' in section .tilewright.signature");
}

TEST(SignalSites, AreThoseThatAreCode) {
    const std::uint32_t code = abi::image_base;
    const auto image = with_section(
        ".tilewright.signals", words({1, 2, code, 3, 0x10004, code + 4, 2, 7, 0, 2, 7, code + 3}));
    const auto sites = signal_sites(image->program());
    ASSERT_EQ(sites.size(), 2u);
    EXPECT_EQ(sites[0].signal, abi::Signal::pushes_pages);
    EXPECT_EQ(sites[0].object, 2u);
    EXPECT_EQ(sites[0].pc, code);
    EXPECT_EQ(sites[1].signal, abi::Signal::pops_pages);
    EXPECT_EQ(sites[1].pc, code + 3);
    EXPECT_TRUE(signal_sites(with_section(".other", "u")->program()).empty());
}

}  // namespace
}  // namespace tilewright::firmware
