// ISA strings: what they enable, and that bad ones are refused with the reason.
#include "tilewright/riscv/isa.hpp"

#include <gtest/gtest.h>

#include "tilewright/base/error.hpp"

namespace tilewright::riscv {
namespace {

std::string refusal(std::string_view text) {
    try {
        parse_isa(text);
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "accepted";
}

TEST(Isa, BaseAloneHasNothingElse) {
    const Isa isa = parse_isa("rv32i");
    EXPECT_TRUE(isa.has(Extension::i));
    for (int e = 1; e < static_cast<int>(Extension::count_); ++e) {
        EXPECT_FALSE(isa.has(static_cast<Extension>(e))) << e;
    }
}

TEST(Isa, LettersAndNames) {
    const Isa isa = parse_isa("rv32im_zicsr_zaamo_zba_zbb");
    for (const Extension e : {Extension::m, Extension::zmmul, Extension::zicsr, Extension::zicntr,
                              Extension::zaamo, Extension::zba, Extension::zbb}) {
        EXPECT_TRUE(isa.has(e));
    }
    EXPECT_FALSE(isa.has(Extension::zalrsc));
    EXPECT_FALSE(isa.has(Extension::zawrs));
}

TEST(Isa, TheLetterAIsBothItsParts) {
    EXPECT_EQ(parse_isa("rv32ima"), parse_isa("rv32im_zaamo_zalrsc"));
}

TEST(Isa, FloatsBringTheirCsrs) {
    EXPECT_EQ(parse_isa("rv32if"), parse_isa("rv32if_zicsr"));
    EXPECT_EQ(to_string(parse_isa("rv32if")), "rv32if");
}

TEST(Isa, MultiplicationAloneHasNoDivision) {
    const Isa isa = parse_isa("rv32i_zmmul");
    EXPECT_TRUE(isa.has(Extension::zmmul));
    EXPECT_FALSE(isa.has(Extension::m));
}

TEST(Isa, CaseAndVersionsDoNotMatter) {
    EXPECT_EQ(parse_isa("RV32I2p1_M2p0_Zicsr2p0_zba1"), parse_isa("rv32im_zicsr_zba"));
    EXPECT_EQ(parse_isa("rv32i2p1m2a2p1"), parse_isa("rv32ima"));
}

TEST(Isa, CanonicalTextReadsBack) {
    for (const char* text :
         {"rv32i", "rv32im", "rv32i_zmmul_zicsr", "rv32ima_zicsr_zawrs_zba_zbb",
          "rv32im_zicsr_zaamo_zalrsc_zawrs_zba_zbb", "rv32imafc_zifencei", "rv32ic"}) {
        EXPECT_EQ(parse_isa(to_string(parse_isa(text))), parse_isa(text)) << text;
    }
    EXPECT_EQ(to_string(parse_isa("rv32ima_zicsr")), "rv32im_zicsr_zaamo_zalrsc");
}

TEST(Isa, RefusalsNameTheCause) {
    EXPECT_NE(refusal("rv64i").find("rv32i"), std::string::npos);
    EXPECT_NE(refusal("").find("rv32i"), std::string::npos);
    EXPECT_NE(refusal("rv32e").find("rv32i"), std::string::npos);
    EXPECT_NE(refusal("rv32imd").find("\"d\""), std::string::npos);
    EXPECT_NE(refusal("rv32im_zfoo").find("\"zfoo\""), std::string::npos);
    EXPECT_NE(refusal("rv32imm").find("twice"), std::string::npos);
    EXPECT_NE(refusal("rv32i_zba_zba").find("twice"), std::string::npos);
    EXPECT_NE(refusal("rv32i_").find("after"), std::string::npos);
    EXPECT_NE(refusal("rv32i_zicntr").find("zicsr"), std::string::npos);
    EXPECT_NE(refusal("rv32i_zawrs").find("zalrsc"), std::string::npos);
    EXPECT_NE(refusal("rv32i m").find("\" \""), std::string::npos);
}

}  // namespace
}  // namespace tilewright::riscv
