#include "firmware/compute_call_checks.hpp"

#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

namespace tilewright::firmware {
namespace {

using abi::CallNote;
using What = CallNote::What;

struct Names {
    std::string call;
    std::string init;
};

Names names_of(std::uint8_t setup) {
    namespace kinds = abi::call_setup;
    constexpr std::array<std::string_view, 4> operations{"mul", "add", "sub", "?"};
    constexpr std::array<std::string_view, 4> broadcasts{"", "cols", "rows", "scalar"};
    switch (setup) {
        case kinds::copy:
            return {"copy_tile", "copy_tile_init"};
        case kinds::matmul:
            return {"matmul_tiles", "mm_init or matmul_init"};
        case kinds::transpose:
            return {"transpose_tile", "transpose_init"};
        case kinds::transpose_dest:
            return {"transpose_dest", "transpose_dest_init"};
        case kinds::rows:
            return {"tilize_block", "tilize_init"};
        default:
            break;
    }
    const std::string operation(operations[setup >> 2 & 3]);
    switch (setup & 0xf0) {
        case kinds::reduce:
            return {"reduce_tile", "reduce_init of the same kind"};
        case kinds::unary_broadcast:
            return {"unary_bcast", "unary_bcast_init of the same kind"};
        case kinds::reuse: {
            const std::string source = (setup & 3) == 0 ? "SRCA>" : "SRCB>";
            return {operation + "_reuse_dest_tiles<DEST_TO_" + source,
                    operation + "_reuse_dest_init<DEST_TO_" + source +
                        " or binary_dest_reuse_tiles_init of the same kind"};
        }
        default:
            break;
    }
    const std::string which(broadcasts[setup & 3]);
    if (which.empty()) return {operation + "_tiles", operation + "_tiles_init"};
    return {operation + "_tiles_bcast_" + which, operation + "_bcast_" + which + "_init"};
}

std::string format_name(std::uint8_t format) {
    switch (format) {
        case 0:
            return "Float32";
        case 1:
            return "Float16";
        case 2:
            return "Bfp8";
        case 3:
            return "Bfp4";
        case 4:
            return "Tf32";
        case 5:
            return "Float16_b";
        case 6:
            return "Bfp8_b";
        case 7:
            return "Bfp4_b";
        case 8:
            return "Int32";
        case 9:
            return "UInt16";
        case 14:
            return "Int8";
        default:
            return "format " + std::to_string(format);
    }
}

/// Words of the engine have other lowest bits than instructions of the core.
bool is_engine_word(std::uint32_t word) {
    return (word & 3) != 3;
}
/// They lie rotated left by two. Reads begin with UNPACR, or with SETADC or SETC16 before it.
bool fits(What what, std::uint32_t word) {
    const std::uint32_t opcode = (word >> 2 | word << 30) >> 24;
    return what != What::reads || opcode == 0x42 || opcode == 0x50 || opcode == 0xb2;
}

std::optional<std::uint32_t> code_word(const riscv::ElfImage& program, std::uint32_t address) {
    for (const riscv::ElfSegment& segment : program.segments) {
        const std::uint32_t offset = address - segment.address;
        if (!segment.executable || offset + 4 > segment.bytes.size()) continue;
        std::uint32_t word = 0;
        std::memcpy(&word, segment.bytes.data() + offset, sizeof word);
        return word;
    }
    return std::nullopt;
}

std::optional<std::uint32_t> first_engine_word(const riscv::ElfImage& program, std::uint32_t from) {
    constexpr std::uint32_t most = 64 * 4;
    for (std::uint32_t at = from; at < from + most; at += 4) {
        const auto word = code_word(program, at);
        if (!word) break;
        if (is_engine_word(*word)) return at;
    }
    return std::nullopt;
}

std::string left_out() {
    return "pack_tile: packers leave out all but what reductions give since reduce_init; call "
           "reduce_uninit before";
}

/// A text that ends with a zero.
std::string text_at(std::span<const std::byte> texts, std::uint32_t offset) {
    if (offset >= texts.size()) return {};
    const auto* const first = reinterpret_cast<const char*>(texts.data()) + offset;
    return {first, strnlen(first, texts.size() - offset)};
}

}  // namespace

const ComputeCallChecks::Notes& ComputeCallChecks::notes_of(
    const std::shared_ptr<const riscv::ElfImage>& elf) {
    const auto found = notes_.find(elf);
    if (found != notes_.end()) return found->second;
    std::erase_if(notes_, [](const auto& known) { return known.first.expired(); });
    Notes notes;
    std::set<std::string> inits_of_vector;
    if (const auto section = elf->section(abi::calls_section)) {
        const auto texts =
            elf->section(abi::call_names_section).value_or(std::span<const std::byte>{});
        std::array<std::uint32_t, 4> words{};
        for (std::size_t at = 0; at + sizeof words <= section->size(); at += sizeof words) {
            std::memcpy(words.data(), section->data() + at, sizeof words);
            const auto byte = [&](unsigned i) {
                return static_cast<std::uint8_t>(words[i / 4] >> 8 * (i % 4));
            };
            const auto what = static_cast<What>(byte(0));
            std::string text;
            if (what == What::uses_vector) text = text_at(texts, words[3]);
            if (what == What::sets_up_vector) {
                inits_of_vector.insert(text_at(texts, words[3]));
                continue;
            }
            const auto place = first_engine_word(*elf, words[2]);
            if (!place || !fits(what, *code_word(*elf, *place))) continue;
            notes.emplace(
                *place, Note{{what, byte(1), byte(2), byte(3), byte(4), byte(5)}, std::move(text)});
        }
    }
    std::erase_if(notes, [&](const auto& at) {
        const std::string& text = at.second.text;
        return at.second.call.what == What::uses_vector &&
               inits_of_vector.contains(text.substr(text.find(' ') + 1));
    });
    return notes_.emplace(elf, std::move(notes)).first->second;
}

void ComputeCallChecks::launched(const Tile& tile, std::uint32_t processor) {
    const std::uint32_t core = tile.core_number(processor);
    threads_[core] = {.known = true};
    committed_.erase(core);
}

std::string ComputeCallChecks::look(const Tile& tile, std::uint32_t processor, std::uint32_t pc,
                                    AccessGuard::Stage stage) {
    const std::uint32_t core = tile.core_number(processor);
    const auto thread = threads_.find(core);
    const auto& elf = tile.runs[processor].program.elf;
    if (thread == threads_.end() || !thread->second.known || elf == nullptr) return {};
    const auto [first, last] = notes_of(elf).equal_range(pc);
    for (auto note = first; note != last; ++note) {
        // What is set up wrongly may wait for ever; what others hand over is there when it begins.
        const What what = note->second.call.what;
        const bool early = what == What::uses || what == What::uses_vector;
        if (early != (stage == AccessGuard::Stage::at_gate)) continue;
        std::string why = look(core, note->second);
        if (!why.empty()) return why;
    }
    return {};
}

// What the packers do waits for the half, but not the instruction that selects what they do.
void ComputeCallChecks::see_half(std::uint32_t core) {
    Thread& thread = threads_[core];
    std::deque<bool>& halves = committed_[core];
    if (!thread.unseen || halves.empty()) return;
    thread.unseen = false;
    thread.computed = halves.front();
    halves.pop_front();
}

std::string ComputeCallChecks::look(std::uint32_t core, const Note& of) {
    const CallNote& note = of.call;
    Thread& thread = threads_[core];
    const std::array<std::uint8_t, 2> formats{note.format0, note.format1};
    const std::array<std::uint8_t, 2> buffers{note.buffer0, note.buffer1};
    const auto differs = [&](std::size_t which, const std::string& unit, const char* calls) {
        const bool known =
            formats[which] != abi::no_format && thread.formats[which] != abi::no_format;
        if (!known || formats[which] == thread.formats[which]) return std::string();
        return unit + " configured for " + format_name(thread.formats[which]) +
               " (circular buffer " + std::to_string(thread.buffers[which]) +
               "), circular buffer " + std::to_string(buffers[which]) + " has " +
               format_name(formats[which]) + "; call " + calls;
    };
    switch (note.what) {
        case What::sets_up:
            thread.setup = note.setup;
            return {};
        case What::uses: {
            const Names names = names_of(note.setup);
            if (thread.setup == 0) {
                return names.call + " without an init call; call " + names.init + " before it";
            }
            if (thread.setup != note.setup) {
                return names.call + ": the engine is set up by " + names_of(thread.setup).init +
                       "; call " + names.init + " before it";
            }
            if (!thread.holds_dst) {
                return names.call +
                       ": Dst is not held; call tile_regs_acquire before computing, and nothing "
                       "after tile_regs_commit";
            }
            const bool reduces = (note.setup & 0xf0) == abi::call_setup::reduce;
            (reduces ? thread.reduced : thread.computed) = true;
            return {};
        }
        case What::configures:
            for (std::size_t i = 0; i < 2; ++i) {
                if (formats[i] == abi::no_format) continue;
                thread.formats[i] = formats[i];
                thread.buffers[i] = buffers[i];
            }
            return {};
        case What::reads: {
            const bool of_rows = note.setup == abi::call_setup::rows;
            const bool for_rows = thread.setup == abi::call_setup::rows;
            if (of_rows && !for_rows) {
                return "tilize_block without an init call; call tilize_init before it";
            }
            if (for_rows && !of_rows) {
                return "the unpacker is set up for rows by tilize_init, and reads a tile; call "
                       "tilize_uninit before";
            }
            std::string of_a = differs(0, "unpacker 0 (SrcA) is",
                                       "the init with this buffer or "
                                       "reconfig_data_format_srca");
            if (!of_a.empty()) return of_a;
            return differs(1, "unpacker 1 (SrcB) is",
                           "the init with this buffer or reconfig_data_format_srcb");
        }
        case What::packs:
            if (!thread.holds_dst) {
                return "pack_tile: Dst is not held; call tile_regs_wait before packing, and "
                       "nothing after tile_regs_release";
            }
            see_half(core);
            thread.packs_masked = thread.packs_masked || thread.reduces;
            if (thread.packs_masked && !thread.unseen && thread.computed) return left_out();
            return differs(0, "pack_tile: packers are", "pack_reconfig_data_format");
        case What::masks:
            thread.reduces = true;
            return {};
        case What::unmasks:
            thread.reduces = false;
            return {};
        case What::acquires:
            thread.holds_dst = true;
            thread.reduced = thread.computed = false;
            return {};
        case What::commits:
            if (!thread.holds_dst) return "tile_regs_commit without tile_regs_acquire";
            thread.holds_dst = false;
            committed_[core + 1].push_back(thread.computed && !thread.reduced);
            return {};
        case What::waits:
            thread.holds_dst = thread.unseen = true;
            thread.packs_masked = false;
            return {};
        case What::releases:
            if (!thread.holds_dst) return "tile_regs_release without tile_regs_wait";
            see_half(core);
            if (thread.packs_masked && thread.computed) return left_out();
            thread.holds_dst = false;
            return {};
        case What::uses_vector: {
            const std::size_t space = of.text.find(' ');
            return of.text.substr(0, space) + " in a kernel that never calls " +
                   of.text.substr(space + 1) + "; call it before";
        }
        case What::sets_up_vector:
            return {};
    }
    return {};
}

}  // namespace tilewright::firmware
