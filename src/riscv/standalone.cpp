// Loading, traps and machine-mode CSRs of a core without a chip.
// Numbers of CSRs and causes: RISC-V manual, Volume II.
#include "tilewright/riscv/standalone.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "opcodes.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright::riscv {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint32_t mret = 0x3020'0073;
constexpr std::uint32_t wfi = 0x1050'0073;

// Exceptions, as mcause numbers them.
constexpr std::uint32_t illegal_instruction = 2;
constexpr std::uint32_t breakpoint = 3;
constexpr std::uint32_t call_from_machine_mode = 11;

enum Number : std::uint32_t {
    mstatus = 0x300,
    misa_number = 0x301,
    mie = 0x304,
    mtvec = 0x305,
    mstatush = 0x310,
    mcountinhibit = 0x320,
    mepc = 0x341,
    mcause = 0x342,
    mtval = 0x343,
    mip = 0x344,
    mcycle = 0xB00,
    minstret = 0xB02,
    mcycleh = 0xB80,
    minstreth = 0xB82,
    cycle = 0xC00,
    time = 0xC01,
    instret = 0xC02,
    cycleh = 0xC80,
    timeh = 0xC81,
    instreth = 0xC82,
    mvendorid = 0xF11,
    marchid = 0xF12,
    mimpid = 0xF13,
};

constexpr std::uint32_t status_mie = 1u << 3;
constexpr std::uint32_t status_mpie = 1u << 7;
constexpr std::uint32_t status_mpp = 3u << 11;    // machine mode is all there is
constexpr std::uint32_t status_float = 3u << 13;  // off, or dirty ...
constexpr std::uint32_t status_sd = 1u << 31;     // ... which this bit sums up
constexpr std::uint32_t high_half = 0x80;         // between the numbers of a counter's halves

std::uint32_t exception_code(Cause cause) {
    switch (cause) {
        case Cause::fetch_misaligned:
            return 0;
        case Cause::fetch_unmapped:
            return 1;
        case Cause::breakpoint:
            return breakpoint;
        case Cause::load_misaligned:
            return 4;
        case Cause::load_unmapped:
            return 5;
        case Cause::store_misaligned:
            return 6;
        case Cause::store_unmapped:
        case Cause::store_read_only:
            return 7;
        default:
            return illegal_instruction;
    }
}

std::uint32_t trap_value(const Fault& fault) {
    if (fault.cause == Cause::illegal_instruction) return fault.instruction;
    return fault.cause == Cause::breakpoint ? fault.pc : fault.address;
}

/// fence.i and the counters are taken out, so that they come here, and F while it is off.
Isa interpreted(Isa isa, bool float_off) {
    isa.remove(Extension::zifencei).remove(Extension::zicntr);
    return float_off ? isa.remove(Extension::f) : isa;
}

}  // namespace

void Standalone::Free::operator()(std::byte* memory) const {
    std::free(memory);
}

Standalone::Standalone(const ElfImage& program, Isa isa, Timing timing, Misaligned misaligned)
    : isa_(isa), timing_(timing), misaligned_(misaligned), tohost_(program.symbol("tohost")) {
    timing_.load_far = timing_.load_near;
    timing_.store_far = 0;
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t last = 0;
    std::uint64_t text_first = first;
    std::uint64_t text_last = 0;
    for (const ElfSegment& s : program.segments) {
        const std::uint64_t begin = s.load_address;
        const std::uint64_t end = begin + s.memory_bytes;
        first = std::min(first, begin);
        last = std::max(last, end);
        if (!s.executable) continue;
        text_first = std::min(text_first, begin);
        text_last = std::max(text_last, end);
    }
    first = first / page * page;
    last = (last + page - 1) / page * page;
    if (last - first > max_ram) {
        throw ElfError(program.name + ": its segments span " + std::to_string(last - first) +
                       " bytes, expected " + std::to_string(max_ram) + " or less");
    }
    // The last page of the address space stays out: sizes are 32-bit numbers.
    last = std::min(last, std::uint64_t{0x1'0000'0000} - page);
    text_last = std::min(text_last, last);
    base_ = static_cast<std::uint32_t>(first);
    bytes_ = static_cast<std::uint32_t>(last - first);
    ram_.reset(static_cast<std::byte*>(std::calloc(bytes_, 1)));
    if (!ram_) {
        throw OutOfMemoryError("the host refused " + std::to_string(bytes_) +
                               " bytes of memory for " + program.name);
    }
    for (const ElfSegment& s : program.segments) {
        if (s.bytes.empty()) continue;
        std::byte* at = place(s.load_address, static_cast<std::uint32_t>(s.bytes.size()));
        if (at == nullptr) {
            throw ElfError(program.name + ": a segment lies in the last page of the address space");
        }
        std::copy(s.bytes.begin(), s.bytes.end(), at);
    }
    text_base_ = static_cast<std::uint32_t>(text_first / 4 * 4);
    text_bytes_ = static_cast<std::uint32_t>(text_last) - text_base_;

    // What is below `tohost` and what is above it; the word itself goes to the bus.
    const Region all{base_, bytes_, ram_.get()};
    MemoryMap memory;
    memory.near = all;
    if (tohost_ && place(*tohost_, 4) != nullptr) {
        const std::uint32_t below = (*tohost_ - base_) / 4 * 4;
        const std::uint32_t above = std::min(below + 8, bytes_);
        memory.near.bytes = below;
        memory.far = memory.far_store = {base_ + above, bytes_ - above, ram_.get() + above};
    }
    context_.set_memory(memory);
    hart_.pc = hart_.block = program.entry;
    read_code();
}

std::span<const std::byte> Standalone::text() const {
    return {ram_.get() + (text_base_ - base_), text_bytes_};
}

void Standalone::read_code() {
    code_ =
        std::make_unique<Code>(text(), text_base_, interpreted(isa_, traps_.float_off), timing_);
    context_.set_code(*code_);
}

std::optional<std::uint32_t> Standalone::run(std::uint64_t max_instructions) {
    limits_.max_retired = hart_.retired + max_instructions < hart_.retired
                              ? std::numeric_limits<std::uint64_t>::max()
                              : hart_.retired + max_instructions;
    while (!ended_) {
        Fault fault;
        switch (context_.run(hart_, *this, limits_, fault)) {
            case Stop::limit:
                return std::nullopt;
            case Stop::environment:
                // ecall traps, and so does not complete.
                hart_.pc -= 4;
                --hart_.retired;
                trap(call_from_machine_mode, 0);
                break;
            case Stop::fault:
                if (fault.cause == Cause::illegal_instruction && carry_out(fault.instruction)) {
                    break;
                }
                if (misaligned_ == Misaligned::done && carry_out_misaligned(fault)) break;
                trap(exception_code(fault.cause), trap_value(fault));
                break;
            case Stop::poll:         // never: this bus parks nobody
            case Stop::edge:         // only after a write to tohost
            case Stop::synchronise:  // likewise, with the store done
            case Stop::wait:         // a wait may end for no reason, and nobody else is here
            case Stop::wait_short:
                break;
        }
    }
    return ended_;
}

std::vector<std::uint32_t> Standalone::words(std::uint32_t begin, std::uint32_t end) const {
    if (begin % 4 != 0 || end % 4 != 0 || end < begin || place(begin, end - begin) == nullptr) {
        throw AddressError("words from " + std::to_string(begin) + " to " + std::to_string(end) +
                           ": expected multiples of 4 within RAM, which is " +
                           std::to_string(bytes_) + " bytes at " + std::to_string(base_));
    }
    std::vector<std::uint32_t> result((end - begin) / 4);
    if (!result.empty()) std::memcpy(result.data(), place(begin, end - begin), end - begin);
    return result;
}

// --- The bus ------------------------------------------------------------------------------------

std::byte* Standalone::place(std::uint32_t address, std::uint32_t bytes) const {
    const std::uint32_t offset = address - base_;
    if (address < base_ || offset > bytes_ || bytes > bytes_ - offset) return nullptr;
    return ram_.get() + offset;
}

bool Standalone::synchronising(std::uint32_t) const {
    return false;
}

Access Standalone::load(std::uint32_t address, std::uint32_t bytes, std::uint64_t) {
    Access a;
    if (const std::byte* at = place(address, bytes)) {
        std::memcpy(&a.value, at, bytes);
    } else {
        a.cause = Cause::load_unmapped;
    }
    return a;
}

Cause Standalone::store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                        std::uint64_t) {
    std::byte* const at = place(address, bytes);
    if (at == nullptr) return Cause::store_unmapped;
    std::memcpy(at, &value, bytes);
    if (tohost_ != address || value == 0) return Cause::none;
    ended_ = value;
    return Cause::retry;
}

Access Standalone::atomic(AtomicOp op, std::uint32_t address, std::uint32_t operand,
                          std::uint64_t cycle) {
    Access a = load(address, 4, cycle);
    if (a.cause == Cause::none) {
        store_conditional(address, apply(op, a.value, operand), cycle);
    } else {
        a.cause = Cause::store_unmapped;
    }
    return a;
}

Access Standalone::load_reserved(std::uint32_t address, std::uint64_t cycle) {
    return load(address, 4, cycle);
}

Cause Standalone::store_conditional(std::uint32_t address, std::uint32_t value,
                                    std::uint64_t cycle) {
    const Cause cause = store(address, 4, value, cycle);
    if (cause != Cause::retry) return cause;
    limits_.edge = 0;  // a block of its own, so this stops right behind it
    return Cause::none;
}

// --- Traps, and what of machine mode the interpreter leaves -------------------------------------

void Standalone::trap(std::uint32_t cause, std::uint32_t value) {
    const std::uint32_t handler = traps_.mtvec & ~3u;
    if (hart_.pc == handler || !code_->word(handler)) {
        throw KernelFault("trap " + std::to_string(cause) + " at pc " + std::to_string(hart_.pc) +
                          " (value " + std::to_string(value) + "): mtvec is " +
                          std::to_string(traps_.mtvec) + ", where no handler is that can be run");
    }
    traps_.mepc = hart_.pc;
    traps_.mcause = cause;
    traps_.mtval = value;
    traps_.previous_interrupts = traps_.interrupts;
    traps_.interrupts = false;
    hart_.pc = hart_.block = handler;
}

/// After an instruction of one cycle.
void Standalone::complete(std::uint32_t next_pc) {
    hart_.pc = hart_.block = next_pc;
    ++hart_.cycles;
    ++hart_.retired;
}

/// True if the word is an instruction of machine mode, which is then done.
bool Standalone::carry_out(std::uint32_t word) {
    if (word == mret) {
        traps_.interrupts = traps_.previous_interrupts;
        traps_.previous_interrupts = true;
        complete(traps_.mepc);
        return true;
    }
    if (word == wfi) {
        complete(hart_.pc + 4);
        return true;
    }
    const Op op = identify(word, isa_);
    if (op == Op::fence_i) {
        code_->update(text());
        complete(hart_.pc + 4);
        return true;
    }
    const bool csr = op != Op::illegal &&
                     (row(op).format == Format::csr || row(op).format == Format::csr_immediate);
    return csr && access_csr(word);
}

/// True if it was a load or a store in RAM of an address that is no multiple of its size, which is
/// then done. The word `tohost` is not meant by such a store.
bool Standalone::carry_out_misaligned(const Fault& fault) {
    const bool loads = fault.cause == Cause::load_misaligned;
    if (!loads && fault.cause != Cause::store_misaligned) return false;
    const Decoded d = decode(fault.instruction, isa_);
    const bool half = d.op == Op::lh || d.op == Op::lhu || d.op == Op::sh;
    if (!half && d.op != Op::lw && d.op != Op::flw && d.op != Op::sw && d.op != Op::fsw) {
        return false;
    }
    const std::uint32_t bytes = half ? 2 : 4;
    std::byte* const at = place(fault.address, bytes);
    if (at == nullptr) return false;
    if (loads) {
        std::uint32_t value = 0;
        std::memcpy(&value, at, bytes);
        if (d.op == Op::lh) {
            value = static_cast<std::uint32_t>(static_cast<std::int16_t>(value));
        }
        const std::uint8_t rd = d.operands.rd;
        if (rd >= first_float) {
            hart_.f[rd - first_float] = value;
        } else if (rd != 0) {
            hart_.x[rd] = value;
        }
    } else {
        const std::uint8_t rs2 = d.operands.rs2;
        const std::uint32_t value = rs2 >= first_float ? hart_.f[rs2 - first_float] : hart_.x[rs2];
        std::memcpy(at, &value, bytes);
    }
    complete(hart_.pc + d.bytes);
    ++hart_.cycles;
    return true;
}

bool Standalone::access_csr(std::uint32_t word) {
    const Op op = identify(word, isa_);
    const Operands o = operands(row(op).format, word);
    const auto number = static_cast<std::uint32_t>(o.imm);
    const std::optional<std::uint32_t> old = read_machine_csr(number);
    if (!old) return false;
    const bool immediate = row(op).format == Format::csr_immediate;
    const std::uint32_t operand = immediate ? o.rs1 : hart_.x[o.rs1];
    const bool sets = op == Op::csrrs || op == Op::csrrsi;
    const bool clears = op == Op::csrrc || op == Op::csrrci;
    if ((!sets && !clears) || o.rs1 != 0) {
        const std::uint32_t value = sets ? *old | operand : clears ? *old & ~operand : operand;
        if (!write_machine_csr(number, value)) return false;
    }
    if (o.rd != 0) hart_.x[o.rd] = *old;
    complete(hart_.pc + 4);
    return true;
}

std::uint32_t Standalone::misa() const {
    constexpr std::uint32_t xlen_32 = 1u << 30;
    const auto letter = [&](char c, bool there) { return there ? 1u << (c - 'a') : 0; };
    return xlen_32 | letter('i', true) | letter('m', isa_.has(Extension::m)) |
           letter('a', isa_.has(Extension::zaamo) && isa_.has(Extension::zalrsc)) |
           letter('f', isa_.has(Extension::f)) | letter('c', isa_.has(Extension::c));
}

std::optional<std::uint32_t> Standalone::read_machine_csr(std::uint32_t number) const {
    switch (number) {
        case mstatus:
            return status_mpp | (traps_.interrupts ? status_mie : 0) |
                   (traps_.previous_interrupts ? status_mpie : 0) |
                   (isa_.has(Extension::f) && !traps_.float_off ? status_float | status_sd : 0);
        case misa_number:
            return misa();
        case mie:
            return traps_.mie;
        case mtvec:
            return traps_.mtvec;
        case mepc:
            return traps_.mepc;
        case mcause:
            return traps_.mcause;
        case mtval:
            return traps_.mtval;
        case mstatush:
        case mcountinhibit:
        case mip:
        case mvendorid:
        case marchid:
        case mimpid:
            return 0;
        case mcycle:
        case mcycleh:
        case minstret:
        case minstreth:
            return counter(number);
        case cycle:
        case time:
        case instret:
        case cycleh:
        case timeh:
        case instreth:
            if (!isa_.has(Extension::zicntr)) return std::nullopt;
            return counter(number);
        default:
            return std::nullopt;
    }
}

/// A half of mcycle or minstret, or of what user mode sees of them.
std::uint32_t Standalone::counter(std::uint32_t number) const {
    const std::uint32_t low = number & ~high_half;
    const bool counts_instructions = low == minstret || low == instret;
    const std::uint64_t value = counts_instructions ? hart_.retired + traps_.retired_offset
                                                    : hart_.cycles + traps_.cycle_offset;
    return static_cast<std::uint32_t>((number & high_half) != 0 ? value >> 32 : value);
}

/// Of mcycle and minstret. The next instruction sees what was written.
void Standalone::set_counter(std::uint32_t number, std::uint32_t value) {
    const bool instructions = (number & ~high_half) == minstret;
    const std::uint64_t counted = instructions ? hart_.retired : hart_.cycles;
    std::uint64_t& offset = instructions ? traps_.retired_offset : traps_.cycle_offset;
    const std::uint64_t now = counted + offset;
    const std::uint64_t then = (number & high_half) != 0
                                   ? std::uint64_t{value} << 32 | (now & 0xFFFF'FFFF)
                                   : (now >> 32 << 32) | value;
    offset = then - (counted + 1);
}

/// False if it cannot be written.
bool Standalone::write_machine_csr(std::uint32_t number, std::uint32_t value) {
    switch (number) {
        case mstatus:
            traps_.interrupts = (value & status_mie) != 0;
            traps_.previous_interrupts = (value & status_mpie) != 0;
            if (const bool off = (value & status_float) == 0; off != traps_.float_off) {
                traps_.float_off = off;
                if (isa_.has(Extension::f)) read_code();
            }
            return true;
        case mcycle:
        case mcycleh:
        case minstret:
        case minstreth:
            set_counter(number, value);
            return true;
        case mie:
            traps_.mie = value;
            return true;
        case mtvec:
            traps_.mtvec = value & ~2u;  // direct or vectored; only interrupts tell them apart
            return true;
        case mepc:
            traps_.mepc = value & ~(code_->alignment() - 1);
            return true;
        case mcause:
            traps_.mcause = value;
            return true;
        case mtval:
            traps_.mtval = value;
            return true;
        case misa_number:
        case mstatush:
        case mcountinhibit:
        case mip:
            return true;  // nothing in them can change
        default:
            return false;
    }
}

}  // namespace tilewright::riscv
