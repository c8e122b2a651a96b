#include "tilewright/firmware/circular_buffer_checks.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firmware/compute_call_checks.hpp"
#include "tilewright/base/text.hpp"
#include "tilewright/firmware/abi.hpp"
#include "tilewright/firmware/signal_sites.hpp"
#include "tilewright/tile/refusal.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright::firmware {
namespace {

std::uint32_t word_of(const Tile& tile, std::uint32_t address) {
    std::uint32_t value = 0;
    std::memcpy(&value, tile.l1 + address, sizeof value);
    return value;
}

abi::CircularBuffer ring_of(const Tile& tile, std::uint32_t index) {
    abi::CircularBuffer ring{};
    std::memcpy(&ring, tile.l1 + abi::circular_buffer_table + index * sizeof ring, sizeof ring);
    return ring;
}

// What one core holds of one ring.
struct Share {
    std::uint32_t reserved = 0;    // pages, from write_at on
    std::uint32_t waited_for = 0;  // pages, from read_at on
    std::uint32_t write_at = 0;    // bytes from the start of the ring
    std::uint32_t read_at = 0;     // likewise
    std::uint32_t pushes = 0;      // so often
    std::uint32_t pops = 0;        // likewise
    bool reserves = false;         // it has, since it was launched
    bool waits = false;            // likewise
    bool written = false;          // something of what is reserved
};

// Accesses of a core one behind the other, as long as they lie in what it holds of a ring.
struct Streak {
    static constexpr std::size_t most = 16;
    std::uint32_t end = 0;
    std::uint32_t ring = abi::circular_buffer_count;  // none
    std::array<std::uint32_t, most> places{};         // of the latest instructions
    std::size_t count = 0;

    bool goes_on(std::uint32_t address) const {
        return ring != abi::circular_buffer_count && address == end;
    }
    void add(std::uint32_t address, std::uint32_t bytes, std::uint32_t of_ring, std::uint32_t pc) {
        if (!goes_on(address) || ring != of_ring) count = 0;
        ring = of_ring;
        end = address + bytes;
        places[count++ % most] = pc;
    }
    bool has(std::uint32_t pc) const {
        const auto last = places.begin() + static_cast<std::ptrdiff_t>(std::min(count, most));
        return std::find(places.begin(), last, pc) != last;
    }
};

struct CoreNotes {
    std::array<Share, abi::circular_buffer_count> shares{};
    std::uint32_t takes_part = 0;  // bits of the rings that it reserves or waits for
    Streak loads;
    Streak stores;
};

struct Access {
    std::uint32_t address;
    std::uint32_t bytes;
    bool writes;
    AccessGuard::By by;
};

// The access lies in so many pages of the ring from the offset `from` on.
bool lies_in(const abi::CircularBuffer& ring, std::uint32_t from, std::uint32_t pages,
             const Access& access) {
    const std::uint32_t offset = access.address - ring.address;
    if (offset >= ring.bytes || access.bytes > ring.bytes - offset) return false;
    const std::uint64_t ahead = (std::uint64_t{offset} + ring.bytes - from) % ring.bytes;
    return ahead + access.bytes <= std::uint64_t{pages} * ring.page_bytes;
}

bool holds(const abi::CircularBuffer& ring, const Share& share, const Access& access) {
    return lies_in(ring, share.write_at, share.reserved, access) ||
           lies_in(ring, share.read_at, share.waited_for, access);
}

bool overlaps(const abi::CircularBuffer& ring, const Access& access) {
    return access.address < ring.address + ring.bytes &&
           ring.address < access.address + access.bytes;
}

std::string describe(const Access& access) {
    const std::string bytes = std::to_string(access.bytes) + " bytes";
    if (access.by == AccessGuard::By::core) {
        return (access.writes ? "store of " + bytes + " to " : "load of " + bytes + " from ") +
               hex(access.address);
    }
    return "NoC command: " +
           std::string(access.writes ? "read of " + bytes + " into "
                                     : "write of " + bytes + " from ") +
           hex(access.address);
}

std::string pages_at(const abi::CircularBuffer& ring, std::uint32_t pages, std::uint32_t from) {
    return counted(pages, "page") + " (" + std::to_string(pages * ring.page_bytes) + " bytes at " +
           hex(ring.address + from) + ")";
}

// What a core holds, and what is missing.
std::string holding(const abi::CircularBuffer& ring, std::uint32_t index, const Share& share,
                    const Access& access) {
    std::string text = "of circular buffer " + std::to_string(index) + " it ";
    if (share.reserved != 0) {
        text += "has reserved " + pages_at(ring, share.reserved, share.write_at);
    }
    if (share.waited_for != 0) {
        text += (share.reserved != 0 ? " and waited for " : "has waited for ") +
                pages_at(ring, share.waited_for, share.read_at);
    }
    if (share.reserved + share.waited_for == 0) text += "holds no page";
    const bool made = access.writes && share.reserves;
    return text + (made ? "; pages are reserved before they are written, and pushed after"
                        : "; pages are waited for before they are used, and popped after");
}

// The register that a load or store counts its address from, if it has 32 bits.
std::optional<std::uint32_t> base_register(const Tile& tile, std::uint32_t processor) {
    const riscv::HartState& hart = tile.cores[processor].hart;
    const auto word = tile.runs[processor].program.code->word(hart.pc);
    if (!word || (*word & 3) != 3) return std::nullopt;
    return hart.x[*word >> 15 & 31];
}

class CircularBufferChecks final : public AccessGuard {
public:
    void restart() override {
        notes_.clear();
        calls_.restart();
    }

    void launched(const Tile& tile, std::uint32_t processor) override {
        notes_[tile.core_number(processor)] = {};
        calls_.launched(tile, processor);
    }

    std::string instructs(const Tile& tile, std::uint32_t processor, std::uint32_t pc,
                          Stage stage) override {
        return calls_.look(tile, processor, pc, stage);
    }

    void reads(const Tile& tile, std::uint32_t processor, std::uint32_t address,
               std::uint32_t bytes, By by) override {
        check(tile, processor, {address, bytes, false, by});
    }
    void writes(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                std::uint32_t bytes, By by) override {
        check(tile, processor, {address, bytes, true, by});
    }

    void reserves(const Tile& tile, std::uint32_t processor, std::uint32_t address) override {
        const std::uint32_t counter = address - abi::circular_buffer_counters;
        CoreNotes* const notes = counters(tile, processor, address);
        if (notes == nullptr) return;
        const std::uint32_t index = counter / abi::circular_buffer_counters_stride;
        const std::optional<std::uint32_t> pages = pages_asked(tile, processor);
        if (!pages) return;
        const abi::CircularBuffer ring = ring_of(tile, index);
        const std::uint32_t first =
            abi::circular_buffer_counters + index * abi::circular_buffer_counters_stride;
        const std::uint32_t held = word_of(tile, first) - word_of(tile, first + 4);
        Share& share = notes->shares[index];
        notes->takes_part |= 1u << index;
        if (address == first) {  // what others push: it waits for it
            share.waits = true;
            if (held >= *pages) share.waited_for = std::max(share.waited_for, *pages);
        } else {
            share.reserves = true;
            if (ring.pages - held >= *pages) share.reserved = std::max(share.reserved, *pages);
        }
    }

    void changes(const Tile& tile, std::uint32_t processor, std::uint32_t address,
                 std::uint32_t operand) override {
        CoreNotes* const notes = counters(tile, processor, address);
        if (notes == nullptr) return;
        const std::uint32_t counter = address - abi::circular_buffer_counters;
        const std::uint32_t index = counter / abi::circular_buffer_counters_stride;
        const abi::CircularBuffer ring = ring_of(tile, index);
        if (ring.bytes == 0) return;
        Share& share = notes->shares[index];
        const auto move = [&](std::uint32_t& at, std::uint32_t& pages) {
            at = static_cast<std::uint32_t>((at + std::uint64_t{operand} * ring.page_bytes) %
                                            ring.bytes);
            pages -= std::min(pages, operand);
        };
        if (counter % abi::circular_buffer_counters_stride == 0) {
            move(share.write_at, share.reserved);
            ++share.pushes;
            share.written = false;
        } else {
            move(share.read_at, share.waited_for);
            ++share.pops;
        }
    }

    void ended(const Tile& tile, std::uint32_t processor) override {
        const auto found = notes_.find(tile.core_number(processor));
        if (found == notes_.end()) return;
        for (std::uint32_t index = 0; index < abi::circular_buffer_count; ++index) {
            const Share& share = found->second.shares[index];
            if (share.reserved != 0 && share.written &&
                (share.pushes != 0 || used(tile, processor, index))) {
                refuse_end(tile, processor, index, share.reserved, "written and not pushed");
            }
            if (share.waited_for != 0 && share.pops != 0) {
                refuse_end(tile, processor, index, share.waited_for, "waited for and not popped");
            }
        }
    }

private:
    void check(const Tile& tile, std::uint32_t processor, const Access& access) {
        const auto found = notes_.find(tile.core_number(processor));
        if (found == notes_.end() || found->second.takes_part == 0) return;
        CoreNotes& notes = found->second;
        Streak& streak = access.writes ? notes.stores : notes.loads;
        const std::uint32_t pc = tile.cores[processor].hart.pc;
        std::uint32_t beyond = abi::circular_buffer_count;
        for (std::uint32_t rest = notes.takes_part; rest != 0; rest &= rest - 1) {
            const auto index = static_cast<std::uint32_t>(std::countr_zero(rest));
            const abi::CircularBuffer ring = ring_of(tile, index);
            Share& share = notes.shares[index];
            if (holds(ring, share, access)) {
                share.written |=
                    access.writes && lies_in(ring, share.write_at, share.reserved, access);
                if (access.by == By::core) streak.add(access.address, access.bytes, index, pc);
                return;
            }
            if ((access.writes || share.waits) && overlaps(ring, access)) {
                beyond = std::min(beyond, index);
            }
        }
        if (beyond == abi::circular_buffer_count && access.by == By::core) {
            if (runs_on(tile, processor, access, notes)) beyond = streak.ring;
            streak = {};
        }
        if (beyond == abi::circular_buffer_count) return;
        throw BusRefusal{describe(access) + ": " +
                         holding(ring_of(tile, beyond), beyond, notes.shares[beyond], access)};
    }

    // Behind what the core holds goes the same instruction on, or one that counts from there.
    static bool runs_on(const Tile& tile, std::uint32_t processor, const Access& access,
                        const CoreNotes& notes) {
        const Streak& streak = access.writes ? notes.stores : notes.loads;
        if (!streak.goes_on(access.address)) return false;
        if (streak.has(tile.cores[processor].hart.pc)) return true;
        const auto base = base_register(tile, processor);
        return base && holds(ring_of(tile, streak.ring), notes.shares[streak.ring],
                             {*base, 1, access.writes, access.by});
    }

    // What is known of the core, if the address is that of a counter.
    CoreNotes* counters(const Tile& tile, std::uint32_t processor, std::uint32_t address) {
        constexpr std::uint32_t bytes =
            abi::circular_buffer_count * abi::circular_buffer_counters_stride;
        if (address - abi::circular_buffer_counters >= bytes) return nullptr;
        const auto found = notes_.find(tile.core_number(processor));
        return found == notes_.end() ? nullptr : &found->second;
    }

    // For how many pages the code at which the core stands asks; nothing if it does not say.
    std::optional<std::uint32_t> pages_asked(const Tile& tile, std::uint32_t processor) {
        const riscv::HartState& hart = tile.cores[processor].hart;
        const std::vector<SignalSite>& sites = sites_of(tile.runs[processor].program.elf);
        const auto site = std::ranges::find(sites, hart.pc, &SignalSite::pc);
        if (site == sites.end()) return std::nullopt;
        switch (site->signal) {
            case abi::Signal::asks_for_pages:
                return site->object;
            case abi::Signal::asks_for_pages_in_register:
                return hart.x[site->object >> 15 & 31];
            default:
                return std::nullopt;
        }
    }

    const std::vector<SignalSite>& sites_of(const std::shared_ptr<const riscv::ElfImage>& elf) {
        const auto found = sites_.find(elf);
        if (found != sites_.end()) return found->second;
        std::erase_if(sites_, [](const auto& known) { return known.first.expired(); });
        return sites_.emplace(elf, signal_sites(*elf)).first->second;
    }

    // A core of the tile that runs now, or was launched since, takes pages out of the ring.
    bool used(const Tile& tile, std::uint32_t processor, std::uint32_t index) const {
        for (std::uint32_t p = 0; p < tile.core_count(); ++p) {
            const auto found = notes_.find(tile.core_number(p));
            if (found != notes_.end() && found->second.shares[index].waits &&
                (tile.cores[p].status != CoreStatus::idle ||
                 tile.cores[p].launch_cycle >= tile.cores[processor].launch_cycle)) {
                return true;
            }
        }
        return false;
    }

    [[noreturn]] static void refuse_end(const Tile& tile, std::uint32_t processor,
                                        std::uint32_t index, std::uint32_t pages,
                                        const std::string& how) {
        throw CoreFault{tile.core_number(processor), tile.cores[processor].hart.pc - 4,
                        "the kernel '" + std::string(tile.runs[processor].program.name) +
                            "' ended with " + counted(pages, "page") + " of circular buffer " +
                            std::to_string(index) + " that it has " + how};
    }

    std::map<std::uint32_t, CoreNotes> notes_;  // by core; those launched while the check was on
    ComputeCallChecks calls_;
    std::map<std::weak_ptr<const riscv::ElfImage>, std::vector<SignalSite>,
             std::owner_less<std::weak_ptr<const riscv::ElfImage>>>
        sites_;
};

}  // namespace

std::unique_ptr<AccessGuard> circular_buffer_checks() {
    return std::make_unique<CircularBufferChecks>();
}

}  // namespace tilewright::firmware
