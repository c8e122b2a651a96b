// Loading, traps and machine-mode CSRs of a core that stands alone.
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
    mvendorid = 0xF11,
    marchid = 0xF12,
    mimpid = 0xF13,
};

constexpr std::uint32_t status_mie = 1u << 3;
constexpr std::uint32_t status_mpie = 1u << 7;
constexpr std::uint32_t status_mpp = 3u << 11;    // machine mode is all there is
constexpr std::uint32_t status_float = 3u << 13;  // always dirty ...
constexpr std::uint32_t status_sd = 1u << 31;     // ... which this bit sums up

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

/// fence.i is taken out, so that it comes here.
Isa without_fence_i(Isa isa) {
    return isa.remove(Extension::zifencei);
}

}  // namespace

void Standalone::Free::operator()(std::byte* memory) const {
    std::free(memory);
}

Standalone::Standalone(const ElfImage& program, Isa isa, Timing timing)
    : isa_(isa), timing_(timing), tohost_(program.symbol("tohost")) {
    timing_.load_far = timing_.load_near;
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
    if (!ram_) throw std::bad_alloc();
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
    memory_.near = all;
    if (tohost_ && place(*tohost_, 4) != nullptr) {
        const std::uint32_t below = (*tohost_ - base_) / 4 * 4;
        const std::uint32_t above = std::min(below + 8, bytes_);
        memory_.near.bytes = below;
        memory_.far = memory_.far_store = {base_ + above, bytes_ - above, ram_.get() + above};
    }
    hart_.pc = hart_.block = program.entry;
    read_code();
}

void Standalone::read_code() {
    const std::span<const std::byte> text(ram_.get() + (text_base_ - base_), text_bytes_);
    code_ = std::make_unique<Code>(text, text_base_, without_fence_i(isa_), timing_);
}

std::optional<std::uint32_t> Standalone::run(std::uint64_t max_instructions) {
    limits_.max_retired = hart_.retired + max_instructions < hart_.retired
                              ? std::numeric_limits<std::uint64_t>::max()
                              : hart_.retired + max_instructions;
    while (!ended_) {
        Fault fault;
        switch (riscv::run(hart_, *code_, memory_, *this, limits_, fault)) {
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
        read_code();
        complete(hart_.pc + 4);
        return true;
    }
    const bool csr = op != Op::illegal &&
                     (row(op).format == Format::csr || row(op).format == Format::csr_immediate);
    return csr && access_csr(word);
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
                   (isa_.has(Extension::f) ? status_float | status_sd : 0);
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
            return static_cast<std::uint32_t>(hart_.cycles);
        case mcycleh:
            return static_cast<std::uint32_t>(hart_.cycles >> 32);
        case minstret:
            return static_cast<std::uint32_t>(hart_.retired);
        case minstreth:
            return static_cast<std::uint32_t>(hart_.retired >> 32);
        default:
            return std::nullopt;
    }
}

/// False if it cannot be written.
bool Standalone::write_machine_csr(std::uint32_t number, std::uint32_t value) {
    switch (number) {
        case mstatus:
            traps_.interrupts = (value & status_mie) != 0;
            traps_.previous_interrupts = (value & status_mpie) != 0;
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
