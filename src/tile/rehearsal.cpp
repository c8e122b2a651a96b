#include "tile/rehearsal.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "tile/bus.hpp"
#include "tilewright/riscv/polling.hpp"
#include "tilewright/tile/address_space.hpp"
#include "tilewright/tile/order.hpp"
#include "tilewright/tile/waiting.hpp"

namespace tilewright {
namespace {

constexpr std::uint64_t never = ~0ull;

std::uint32_t read_word(const std::byte* place) {
    std::uint32_t value = 0;
    std::memcpy(&value, place, sizeof value);
    return value;
}

// Reads the `cycle`, `time` or `instret` CSR, which are never again what they were.
bool reads_clock(const riscv::Code& code, std::uint32_t pc) {
    const std::uint32_t word = code.word(pc).value_or(0);
    constexpr std::uint32_t system = 0x73;
    const bool csr = (word & 0x7F) == system && (word >> 12 & 3) != 0;
    return csr && (word >> 20 & 0xF00) == 0xC00;
}

}  // namespace

/// A core of the rehearsal: its state, and its local memory as it has become.
struct Rehearsal::Actor {
    Tile* tile = nullptr;
    std::uint32_t processor = 0;
    std::uint32_t component = 0;
    riscv::HartState hart;
    std::uint64_t due = never;  ///< cycle of its event
    std::uint64_t window_end = 0;
    bool parked = false;
    std::vector<std::byte> local;
    riscv::RunContext context;
    riscv::Limits limits;

    // At the beginning of the lap.
    riscv::HartState start;
    std::uint64_t due_at_start = never;
    bool parked_at_start = false;
    std::vector<std::byte> local_at_start;
    std::uint32_t entry = ~0u;  ///< lowest address of a block since then, and ...
    std::uint32_t use = ~0u;    ///< ... of what used a word that others can reach

    const riscv::Code& code() const { return *tile->runs[processor].program.code; }
    std::uint32_t number() const { return tile->core_number(processor); }
};

class Rehearsal::RehearsalBus final : public riscv::Bus {
public:
    RehearsalBus(Rehearsal& all, Actor& actor) : all_(all), actor_(actor), tile_(*actor.tile) {}

    bool synchronising(std::uint32_t address) const override {
        for (const DeviceKind& kind : tile_.around.devices) {
            if (address - kind.base < kind.bytes) return kind.synchronises;
        }
        return false;
    }
    riscv::Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t) override {
        std::byte* const place = plain_memory(tile_, actor_.processor, address & ~3u);
        if (place == nullptr) return load_register(address, bytes);
        Word& word = all_.word(actor_, place, address & ~3u);
        word.plain |= actor_.code().polling_loop(actor_.hart.pc) == nullptr;
        const std::uint32_t shifted = word.now >> 8 * (address & 3);
        const riscv::Timing& timing = tile_.around.parameters.timing;
        return {bytes == 4 ? shifted : shifted & ((1u << 8 * bytes) - 1), riscv::Cause::none,
                in_direct(tile_, address) ? timing.load_direct : timing.load_far};
    }
    bool queues_stores(std::uint32_t address) const override {
        return address < tile_.around.parameters.l1_bytes;
    }
    riscv::Cause store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                       std::uint64_t cycle) override {
        const TileParameters& chip = tile_.around.parameters;
        const bool reserved = address < chip.conventions.l1_user_base;
        if (reserved && (bytes != 4 || !chip.conventions.is_synchronising_word(address))) {
            throw GivenUp{};
        }
        if (reserved && cycle >= actor_.limits.horizon) return riscv::Cause::retry;
        std::byte* const place = plain_memory(tile_, actor_.processor, address & ~3u);
        if (place == nullptr) throw GivenUp{};
        all_.word(actor_, place, address & ~3u).plain |= !reserved;
        write(place, address, bytes, value, cycle);
        return riscv::Cause::none;
    }
    riscv::Access atomic(riscv::AtomicOp op, std::uint32_t address, std::uint32_t operand,
                         std::uint64_t cycle) override {
        std::byte* const place = writable(address);
        const std::uint32_t old = all_.word(actor_, place, address).now;
        write(place, address, 4, riscv::apply(op, old, operand), cycle);
        return {old, riscv::Cause::none,
                in_direct(tile_, address) ? tile_.around.parameters.timing.load_direct : 0};
    }
    riscv::Access load_reserved(std::uint32_t address, std::uint64_t) override {
        if (in_direct(tile_, address)) throw GivenUp{};
        std::byte* const place = plain_memory(tile_, actor_.processor, address);
        if (place == nullptr) return load_register(address, 4);
        return {all_.word(actor_, place, address).now, riscv::Cause::none, 0};
    }
    riscv::Cause store_conditional(std::uint32_t address, std::uint32_t value,
                                   std::uint64_t cycle) override {
        std::byte* const place = writable(address);
        all_.word(actor_, place, address);
        write(place, address, 4, value, cycle);
        return riscv::Cause::none;
    }

private:
    void write(std::byte* place, std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
               std::uint64_t cycle) {
        all_.write(actor_, place, address, bytes, value, cycle);
        actor_.limits.horizon = all_.horizon(actor_);  // it may have woken others
    }
    std::byte* writable(std::uint32_t address) {
        const TileParameters& chip = tile_.around.parameters;
        const bool may = chip.in_user_l1(address) || in_direct(tile_, address) ||
                         chip.conventions.is_synchronising_word(address);
        std::byte* const place = plain_memory(tile_, actor_.processor, address);
        if (!may || place == nullptr) throw GivenUp{};
        return place;
    }
    // Those that stay as they are while nothing is under way.
    riscv::Access load_register(std::uint32_t address, std::uint32_t bytes) {
        const auto seen = bytes == 4 ? look(tile_, actor_.processor, address) : std::nullopt;
        if (!seen) throw GivenUp{};
        if (seen->changes) all_.note_register(actor_, address, seen->value);
        return {seen->value, riscv::Cause::none, seen->latency};
    }

    Rehearsal& all_;
    Actor& actor_;
    Tile& tile_;
};

Rehearsal::Rehearsal(std::span<const Member> members, std::uint64_t cycle,
                     std::uint32_t component) {
    for (const Member& member : members) {
        auto actor = std::make_unique<Actor>();
        Tile& tile = *member.tile;
        const Core& core = std::as_const(tile.cores)[member.processor];
        actor->tile = &tile;
        actor->processor = member.processor;
        actor->component = component_of(tile.core_number(member.processor));
        actor->hart = core.hart;
        actor->due = core.event_cycle;
        actor->window_end = core.window_end;
        actor->parked = core.status == CoreStatus::parked;
        const std::uint32_t bytes = tile.site.cores[member.processor].local_bytes;
        const std::byte* const local = tile.local(member.processor);
        actor->local.assign(local, local + bytes);
        riscv::MemoryMap memory;
        memory.near = {abi::local_base, bytes, actor->local.data()};
        memory.image = tile.runs[member.processor].program.window;
        actor->context.set_code(actor->code());
        actor->context.set_memory(memory);
        if (core.status == CoreStatus::polling) {
            // As if it had spun: what it has looked at so far was as it was.
            const std::uint64_t until = core.event_cycle != never
                                            ? core.event_cycle
                                            : cycle + (actor->component < component ? 1 : 0);
            riscv::Polling loop = core.polling.loop;
            const std::uint64_t begun = until > loop.start ? (until - loop.start) / loop.period : 0;
            loop.start += begun * loop.period;
            actor->hart.cycles = loop.start;
            riscv::Limits limits;
            limits.max_cycles = until;
            riscv::Stop stop{};
            do {
                limits.edge = actor->window_end =
                    end_of_window(actor->hart.cycles, tile.around.parameters.quantum_cycles);
                stop = riscv::run_polling(
                    actor->hart, actor->code(), memory,
                    [&](std::uint32_t a) { return look(tile, member.processor, a); }, loop, limits);
            } while (stop == riscv::Stop::edge);
            actor->due = actor->hart.cycles;
        }
        actors_.push_back(std::move(actor));
    }
}

Rehearsal::~Rehearsal() = default;

Rehearsal::Word& Rehearsal::word(Actor& actor, const std::byte* place, std::uint32_t address) {
    const auto [found, added] = words_.try_emplace(place);
    Word& word = found->second;
    if (added) {
        word = {.now = read_word(place), .address = address, .first_core = actor.number()};
        word.at_start = word.now;
        order_.push_back(place);
    }
    word.shared |= word.first_core != actor.number();
    word.used = true;
    actor.use = std::min(actor.use, actor.hart.pc);
    return word;
}

void Rehearsal::write(const Actor& writer, std::byte* place, std::uint32_t address,
                      std::uint32_t bytes, std::uint32_t value, std::uint64_t cycle) {
    Word& word = words_.at(place);
    changed_ -= word.now != word.at_start ? 1 : 0;
    const std::uint32_t shift = 8 * (address & 3);
    const std::uint32_t mask = bytes == 4 ? ~0u : ((1u << 8 * bytes) - 1) << shift;
    word.now = (word.now & ~mask) | (value << shift & mask);
    word.written = true;
    changed_ += word.now != word.at_start ? 1 : 0;
    if (address >= writer.tile->around.parameters.l1_bytes) return;
    for (const auto& other : actors_) {
        if (other.get() == &writer || other->tile != writer.tile || !other->hart.reserved ||
            other->hart.reservation != (address & ~3u)) {
            continue;
        }
        other->hart.reserved = false;
        if (other->parked)
            other->due = std::min(other->due, std::max(cycle + 1, other->hart.cycles));
    }
}

void Rehearsal::note_register(Actor& actor, std::uint32_t address, std::uint32_t value) {
    actor.use = std::min(actor.use, actor.hart.pc);
    const bool known = std::ranges::any_of(registers_, [&](const LapWord& word) {
        return word.core == actor.number() && word.address == address;
    });
    if (!known) registers_.push_back({nullptr, actor.number(), address, value, false});
}

std::uint64_t Rehearsal::horizon(const Actor& actor) const {
    std::uint64_t first = never;
    for (const auto& other : actors_) {
        if (other.get() == &actor || other->due == never) continue;
        first = std::min(first, other->due + (other->component > actor.component ? 1 : 0));
    }
    return first;
}

Rehearsal::Actor& Rehearsal::next() {
    return **std::ranges::min_element(
        actors_, {}, [](const auto& actor) { return std::pair(actor->due, actor->component); });
}

void Rehearsal::begin_lap() {
    for (const auto& actor : actors_) {
        actor->start = actor->hart;
        actor->due_at_start = actor->due;
        actor->parked_at_start = actor->parked;
        actor->local_at_start = actor->local;
        actor->entry = actor->use = ~0u;
    }
    for (auto& [place, word] : words_) {
        word.at_start = word.now;
        word.written = word.plain = word.used = false;
    }
    changed_ = 0;
    begun_ = true;
}

// Whether all is as at the beginning of the lap, times taken relative to those of the first.
bool Rehearsal::back_again() const {
    const Actor& first = *actors_.front();
    if (changed_ != 0 || first.hart.pc != first.start.pc || first.hart.x != first.start.x) {
        return false;
    }
    const std::uint64_t passed = first.hart.cycles - first.start.cycles;
    const auto later = [&](std::uint64_t now, std::uint64_t then) {
        return now == then ? then == never : now - then == passed;
    };
    for (const auto& actor : actors_) {
        riscv::HartState as_then = actor->hart;
        as_then.retired = actor->start.retired;
        // How long ago the last one was is what counts.
        as_then.looped += actor->start.retired - actor->hart.retired;
        if (actor->hart.looped == actor->start.looped) as_then.looped = actor->start.looped;
        as_then.cycles -= passed;
        if (actor->due == never && actor->parked) as_then.cycles = actor->start.cycles;
        if (as_then != actor->start || actor->parked != actor->parked_at_start ||
            actor->local != actor->local_at_start) {
            return false;
        }
        if (actor.get() != &first && !later(actor->due, actor->due_at_start)) return false;
    }
    if (actors_.size() == 1) return true;
    // Where the ends of windows may make a difference, they must be where they were, too; and the
    // cores must be as they are here, where what they do in local memory takes no turn.
    const bool racy = std::ranges::any_of(
        words_, [](const auto& word) { return word.second.shared && word.second.plain; });
    const Surroundings& around = first.tile->around;
    return !racy ||
           (passed % around.parameters.quantum_cycles == 0 && !around.checks.enabled.of_memory());
}

Lap Rehearsal::found() const {
    const Actor& first = *actors_.front();
    Lap lap{.start = first.start.cycles,
            .period = first.hart.cycles - first.start.cycles,
            .words = registers_,
            .places = {}};
    for (const auto& actor : actors_) {
        lap.places.push_back(actor->use != ~0u ? actor->use : actor->entry);
    }
    for (const std::byte* const place : order_) {
        const Word& word = words_.at(place);
        if (!word.used) continue;
        lap.words.push_back({place, word.first_core, word.address, word.now, word.written});
    }
    return lap;
}

// The turn of a core, as run_core() has it.
void Rehearsal::run(Actor& actor) {
    const TileParameters& chip = actor.tile->around.parameters;
    riscv::HartState& hart = actor.hart;
    RehearsalBus bus(*this, actor);
    riscv::Fault fault;
    const bool leads = &actor == actors_.front().get();
    if (actor.parked) hart.reserved = false;
    actor.parked = false;
    hart.cycles = std::max(hart.cycles, actor.due);
    actor.due = never;
    actor.limits = {};
    if (hart.pc == hart.block && hart.cycles >= actor.window_end) {
        actor.window_end = end_of_window(hart.cycles, chip.quantum_cycles);
    }
    for (;;) {
        if (hart.pc == hart.block) {
            if (reads_clock(actor.code(), hart.pc) || hart.cycles >= end_) throw GivenUp{};
            actor.entry = std::min(actor.entry, hart.pc);
            if (leads && begun_ && back_again()) {
                back_ = true;
                return;
            }
            if (leads && !begun_) begin_lap();
        }
        // From block to block.
        actor.limits.edge = hart.cycles + 1;
        actor.limits.horizon = horizon(actor);
        switch (actor.context.run(hart, bus, actor.limits, fault)) {
            case riscv::Stop::edge:
                if (hart.cycles < actor.window_end) continue;
                actor.window_end = end_of_window(hart.cycles, chip.quantum_cycles);
                if (hart.cycles < horizon(actor)) continue;
                actor.due = hart.cycles;
                return;
            case riscv::Stop::synchronise:
                actor.due = hart.cycles;
                return;
            case riscv::Stop::wait:
                actor.parked = true;
                return;
            case riscv::Stop::wait_short:
                actor.parked = true;
                actor.due = hart.cycles + chip.timing.wait_short;
                return;
            default:
                throw GivenUp{};
        }
    }
}

std::optional<Lap> Rehearsal::lap(std::uint64_t most_cycles) {
    Actor& first = *actors_.front();
    end_ = std::max(first.hart.cycles, first.due == never ? 0 : first.due) + most_cycles;
    try {
        while (!back_) {
            Actor& actor = next();
            if (actor.due == never) return std::nullopt;  // all sleep, and the chip will tell
            run(actor);
        }
    } catch (const GivenUp&) {
        return std::nullopt;
    }
    return found();
}

}  // namespace tilewright
