#include "tilewright/chip/image.hpp"

#include <algorithm>
#include <cstring>

#include "tilewright/base/error.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/riscv/isa.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {

Image::Image(std::span<const std::byte> elf, std::string name)
    : name_(std::move(name)),
      elf_(riscv::parse_elf(elf, name_)),
      window_(riscv::image_bytes(elf_, abi::image_base, abi::image_window_bytes)),
      lines_(elf_) {
    for (const riscv::ElfSegment& segment : elf_.segments) {
        if (segment.writable && segment.address - abi::local_base < abi::max_local_bytes) {
            globals_end_ = std::max(globals_end_, segment.address + segment.memory_bytes);
        }
        if (!segment.executable) continue;
        if (!text_.empty()) {
            throw ElfError("'" + name_ + "': has several executable segments; expected one");
        }
        text_base_ = segment.address;
        text_ = segment.bytes;
    }
    if (text_.empty()) throw ElfError("'" + name_ + "': has no executable segment");
    if (text_base_ - abi::image_base >= abi::image_window_bytes) {
        throw ElfError("'" + name_ + "': its code is not linked for the image window");
    }
    if (elf_.entry < text_base_ || elf_.entry - text_base_ >= text_.size()) {
        throw ElfError("'" + name_ + "': its entry point lies outside its code");
    }
}

std::span<const std::byte> Image::elf() const {
    return elf_.bytes;
}

riscv::Region Image::window() const {
    // Loads only: the interpreter never writes through the image region.
    return {abi::image_base, static_cast<std::uint32_t>(window_.size()),
            const_cast<std::byte*>(window_.data())};
}

const riscv::Code& Image::code(const std::string& isa, const riscv::Timing& timing, bool functions,
                               bool counted) const {
    const std::lock_guard lock(mutex_);
    for (const Decoded& decoded : decoded_) {
        const bool same = decoded.isa == isa && decoded.timing == timing;
        if (same && decoded.functions == functions && decoded.counted == counted) {
            return *decoded.code;
        }
    }
    std::optional<std::vector<std::uint32_t>> entries;
    if (functions) {
        entries.emplace();
        for (const riscv::ElfFunction& f : elf_.functions) entries->push_back(f.address);
    }
    decoded_.push_back({isa, timing, functions, counted,
                        std::make_unique<riscv::Code>(text_, text_base_, riscv::parse_isa(isa),
                                                      timing, std::move(entries), counted)});
    return *decoded_.back().code;
}

std::string Image::describe(std::uint32_t pc) const {
    const std::string address = hex(pc, 8);
    const std::string known = riscv::to_string(lines_.find(pc));
    return known.empty() ? "pc " + address + " of '" + name_ + "'" : known + ", pc " + address;
}

}  // namespace tilewright
