// All of a chip's state as bytes, and back.
//
// Memory goes page by page, pages of zeros left out. Reading fills new objects first and checks
// that they fit together; the chip changes only when nothing can fail any more.
#include <algorithm>
#include <bit>
#include <cstring>

#include "chip/components.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/chip.hpp"
#include "tilewright/engine/registers.hpp"
#include "tilewright/noc/registers.hpp"
#include "tilewright/tile/address_space.hpp"

namespace tilewright {
namespace {

constexpr std::uint64_t end_of_pages = ~std::uint64_t{0};

void expect(bool good, const char* what) {
    if (!good) throw SnapshotError(std::string("snapshot: ") + what);
}

}  // namespace

std::uint32_t Chip::save(ArchiveWriter& archive) const {
    // The memory at the other end is the host's: neither can it be saved nor will it be there.
    for (const auto& [address, memory] : pinned_) {
        throw SnapshotError("snapshot: " + std::to_string(memory.size()) +
                            " bytes of the host's memory are pinned at " + std::to_string(address) +
                            "; free them first");
    }
    for (const Packet& packet : noc_.packets()) {
        expect(!packet.in_use || !packet.with_host, "a transfer with the host is under way");
    }
    archive(now_, moment_.cycle, moment_.component, busy_, doorbells_, host_flags_,
            host_link_free_at_);
    archive(queue_, noc_, dram_banks_, cores_, engines_.state());

    archive(std::uint64_t{images_.size()});
    for (const auto& image : images_) {
        archive(image->name());
        archive(std::uint64_t{image->elf().size()});
        archive.raw(image->elf());
    }

    archive(calls_allowed_);

    const std::vector<Arena::Page> pages = arena_.pages();
    for (const Arena::Page& page : pages) {
        archive(page.offset);
        archive.refer({page.bytes, Arena::page_bytes});
    }
    archive(end_of_pages);
    return static_cast<std::uint32_t>(pages.size());
}

void Chip::load(
    ArchiveReader& archive,
    const std::function<void(std::span<const std::uint32_t>, const EngineState&)>& verified) {
    std::uint64_t now = 0;
    Moment moment;
    std::uint32_t busy = 0;
    EventQueue queue;
    Noc noc = noc_;
    std::vector<DramBank> dram_banks;
    LazyTable<Core> cores(cores_.size());
    EngineState engines;
    std::vector<std::uint8_t> doorbells;
    std::vector<std::uint8_t> host_flags;
    std::uint64_t host_link_free_at = 0;
    archive(now, moment.cycle, moment.component, busy, doorbells, host_flags, host_link_free_at);
    expect(doorbells.size() == doorbells_.size(), "wrong number of semaphores");
    expect(host_flags.size() == host_flags_.size(), "wrong number of flags");
    archive(queue, noc, dram_banks, cores, engines);
    expect(dram_banks.size() == dram_banks_.size(), "wrong number of DRAM banks");
    for (const DramBank& bank : dram_banks) {
        expect(bank.open_rows.empty() || bank.open_rows.size() == dram_timing_.open_rows,
               "wrong number of open rows");
        expect(bank.free.of != 0 && bank.free.part < bank.free.of, "a time that cannot be");
    }

    std::uint64_t image_count = 0;
    archive(image_count);
    expect(image_count <= archive.left(), "more images than bytes");
    std::vector<std::shared_ptr<const Image>> images;
    for (std::uint64_t i = 0; i < image_count; ++i) {
        std::string name;
        std::uint64_t size = 0;
        archive(name, size);
        const auto elf = archive.raw(size);
        // An image that is at hand already keeps its decoded code.
        const auto same = std::find_if(images_.begin(), images_.end(), [&](const auto& image) {
            return image->name() == name && std::ranges::equal(image->elf(), elf);
        });
        try {
            images.push_back(same != images_.end() ? *same : std::make_shared<Image>(elf, name));
        } catch (const ElfError& error) {
            throw SnapshotError(std::string("snapshot: image: ") + error.what());
        }
    }

    std::vector<std::uint32_t> calls_allowed;
    archive(calls_allowed);
    expect(calls_allowed.size() == images.size(), "wrong number of images that may be called");

    std::vector<const riscv::Code*> code(cores.size(), nullptr);
    std::uint32_t busy_found = 0;
    for (std::size_t c = 0; c < cores.size(); ++c) {
        const Core& core = std::as_const(cores)[c];
        expect(core.last_writer == Core::nobody || core.last_writer < cores.size(),
               "a core with an unknown writer");
        expect(core.hart.reservation % 4 == 0, "a core with a misaligned reservation");
        const riscv::Polling& loop = core.polling.loop;
        expect(loop.count <= riscv::Polling::most_words, "a core that polls too many words");
        for (const riscv::PolledWord& word : loop.words) {
            expect(word.address % 4 == 0 &&
                       (word.address < config_.l1_bytes || abi::is_engine_flag(word.address) ||
                        word.address >= abi::noc_registers),
                   "a core that polls an unknown word");
        }
        expect(core.status != CoreStatus::polling || loop.period != 0, "a core that polls no loop");
        if (core.status == CoreStatus::idle) continue;
        ++busy_found;
        expect(core.image < images.size(), "a core without its image");
        expect(!core.caller.waits || core.caller.image < images.size(),
               "a caller without its image");
        code[c] = &code_of(*images[core.image], static_cast<std::uint32_t>(c));
    }
    expect(busy_found == busy, "wrong number of busy cores");
    noc.check(queue);
    for (const Packet& packet : noc.packets()) {
        if (!packet.in_use) continue;
        const bool there = packet.initiator < cores.size();
        const bool word = packet.inline_data || packet.kind == Packet::Kind::atomic;
        expect(there && packet.length >= 1 && packet.length <= abi::max_packet_bytes &&
                   (!word || packet.length == 4),
               "a packet nobody sent");
        const Place& a = place(packet.to_x, packet.to_y);
        const Place& b = place(packet.from_x, packet.from_y);
        const auto memory = [](const Place& p) {
            return p.kind == Place::Kind::tile || p.kind == Place::Kind::dram;
        };
        expect(memory(a) && memory(b), "a packet to nowhere");
        const auto fits = [&](const Place& p, std::uint64_t address) {
            return address + packet.length <=
                   (p.kind == Place::Kind::dram ? config_.dram_bank_bytes : config_.l1_bytes);
        };
        expect(fits(packet.answer ? b : a, packet.remote_address) &&
                   (packet.local_address + std::uint64_t{packet.length} <= config_.l1_bytes ||
                    packet.kind == Packet::Kind::atomic || packet.inline_data),
               "a packet past the end of a memory");
        expect(
            packet.ring_bytes == 0 ||
                (word && std::has_single_bit(packet.ring_bytes) && packet.ring_bytes >= 4 &&
                 std::uint64_t{packet.remote_address} + 4 + packet.ring_bytes <= config_.l1_bytes),
            "a packet for a queue that cannot be");
        for (const NocNode& target : packet.targets) {
            expect(target.x < config_.router_columns && target.y < config_.router_rows &&
                       place(target.x, target.y).kind == Place::Kind::tile &&
                       packet.remote_address + std::uint64_t{packet.length} <= config_.l1_bytes,
                   "a multicast to where no tile stands");
        }
        const bool carries = packet.kind == Packet::Kind::read
                                 ? packet.answer
                                 : packet.kind == Packet::Kind::write && !packet.answer &&
                                       packet.phase != Packet::Phase::depart;
        expect(!carries || packet.data.size() == packet.length, "a packet without its data");
    }
    std::vector<std::uint32_t> notices;
    for (const ScheduledEvent& event : queue.events()) {
        if (event.component == host_component) {
            notices.push_back(event.data);
            continue;
        }
        expect(event.component < first_core_component || core_of(event.component) < cores.size(),
               "an event of an unknown component");
    }
    engines_.check_state(engines, queue);

    std::vector<Arena::Page> pages;
    for (std::uint64_t at = 0;;) {
        archive(at);
        if (at == end_of_pages) break;
        expect(at % Arena::page_bytes == 0 && at < arena_.size(), "a page outside the memories");
        expect(pages.empty() || pages.back().offset < at, "pages out of order");
        pages.push_back({at, archive.raw(Arena::page_bytes).data()});
    }
    verified(notices, engines);

    arena_.replace(pages);
    pinned_.clear();
    const std::uint64_t until = now_;
    now_ = now;
    moment_ = moment;
    busy_ = busy;
    notices_due_ = static_cast<std::uint32_t>(notices.size());
    host_link_free_at_ = host_link_free_at;
    doorbells_ = std::move(doorbells);
    host_flags_ = std::move(host_flags);
    queue_ = std::move(queue);
    noc_ = std::move(noc);
    dram_banks_ = std::move(dram_banks);
    engines_.adopt(std::move(engines));  // which notes where the banks are
    cores_wait_for_engines_ = true;
    cores_ = std::move(cores);
    images_ = std::move(images);
    calls_allowed_ = std::move(calls_allowed);
    contexts_ = LazyTable<riscv::RunContext>(cores_.size());
    for (std::uint32_t c = 0; c < cores_.size(); ++c) {
        if (code[c] == nullptr) continue;
        contexts_[c].set_code(*code[c]);
        contexts_[c].set_image(images_[cores_[c].image]->window());
        map_memory(c);
        // The core may write anywhere in its memories without telling.
        arena_.touch(offset(l1(tile_of(c))), config_.l1_bytes);
        arena_.touch(offset(local(c)), core_config(c).local_bytes);
    }
    for (std::uint32_t t = 0; t < config_.all_tile_count(); ++t) update_watches(t);
    if (shadow_ != nullptr) restart_shadow();
    restart_in_flight();
    if (observer_ != nullptr) observer_->on_restored(Cycle{until});
}

}  // namespace tilewright
