#include "runtime/device_state.hpp"

#include <algorithm>
#include <string>

#include "tilewright/base/error.hpp"
#include "tilewright/chip/abi.hpp"

namespace tilewright::detail {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

[[noreturn]] void full(std::uint64_t bytes, const std::string& where, std::uint64_t free) {
    throw AddressError("no room for a buffer of " + std::to_string(bytes) + " bytes in " + where +
                       ": " + std::to_string(free) + " bytes are free, not all in one piece");
}

}  // namespace

DeviceState::DeviceState(const ChipConfig& config)
    : chip(config),
      banks(config.dram.size(), Allocator(0, config.dram_bank_bytes)),
      l1s(config.tile_count(), Allocator(abi::l1_user_base, config.l1_bytes)) {}

std::uint64_t DeviceState::allocate(std::uint64_t bytes, const Placement& placement) {
    if (bytes == 0) throw AddressError("a buffer of 0 bytes; expected at least 1");
    if (bytes > 0xFFFF'FFFF) {
        throw AddressError("a buffer of " + std::to_string(bytes) +
                           " bytes; one buffer holds at most 4294967295");
    }
    Record record{.placement = placement, .address = 0, .bytes = bytes, .bank_bytes = bytes};
    switch (placement.kind) {
        case Placement::Kind::interleaved: {
            const std::uint64_t page = placement.page_bytes;
            if (page == 0 || page % 64 != 0) {
                throw AddressError("page_bytes " + std::to_string(page) +
                                   "; expected a multiple of 64");
            }
            if (banks.empty()) throw AddressError("the chip has no DRAM banks");
            const std::uint64_t pages = round_up(bytes, page) / page;
            record.bank_bytes = round_up(pages, banks.size()) / banks.size() * page;
            // The pages have one offset in every bank: look for a place that all have free.
            std::uint64_t at = 0;
            for (bool agreed = false; !agreed;) {
                agreed = true;
                for (const Allocator& bank : banks) {
                    const auto place = bank.find(record.bank_bytes, at);
                    if (!place) {
                        std::uint64_t free = 0;
                        for (const Allocator& b : banks) free += b.free_bytes();
                        full(bytes, std::to_string(banks.size()) + " DRAM banks", free);
                    }
                    agreed = agreed && *place == at;
                    at = *place;
                }
            }
            record.address = at;
            break;
        }
        case Placement::Kind::bank: {
            if (placement.bank >= banks.size()) {
                throw AddressError("no DRAM bank " + std::to_string(placement.bank) +
                                   "; the chip has " + std::to_string(banks.size()));
            }
            const Allocator& bank = banks[placement.bank];
            const auto place = bank.find(bytes, 0);
            if (!place) {
                full(bytes, "DRAM bank " + std::to_string(placement.bank), bank.free_bytes());
            }
            record.address = *place;
            break;
        }
        case Placement::Kind::l1: {
            const Allocator& l1 = l1s[chip.tile_index(placement.tile)];
            const auto place = l1.find(bytes, 0);
            if (!place) {
                full(bytes,
                     "the L1 of tile (" + std::to_string(placement.tile.x) + ", " +
                         std::to_string(placement.tile.y) + ")",
                     l1.free_bytes());
            }
            record.address = *place;
            break;
        }
    }
    take(record);
    forget_contents(record);
    records.emplace(next_id, record);
    return next_id++;
}

// New memory holds nothing yet, whatever its last owner left there.
void DeviceState::forget_contents(const Record& record) {
    switch (record.placement.kind) {
        case Placement::Kind::interleaved:
            for (std::uint32_t bank = 0; bank < banks.size(); ++bank) {
                chip.forget_dram(bank, record.address, record.bank_bytes);
            }
            return;
        case Placement::Kind::bank:
            chip.forget_dram(record.placement.bank, record.address, record.bytes);
            return;
        case Placement::Kind::l1:
            chip.forget_l1(chip.tile_index(record.placement.tile), record.address, record.bytes);
            return;
    }
}

bool DeviceState::take(const Record& record) {
    const auto fits = [&](const Allocator& a) {
        return record.bank_bytes != 0 && a.is_free(record.address, record.bank_bytes);
    };
    switch (record.placement.kind) {
        case Placement::Kind::interleaved:
            if (banks.empty() || !std::ranges::all_of(banks, fits)) return false;
            for (Allocator& bank : banks) bank.take(record.address, record.bank_bytes);
            return true;
        case Placement::Kind::bank:
            if (record.placement.bank >= banks.size() || !fits(banks[record.placement.bank])) {
                return false;
            }
            banks[record.placement.bank].take(record.address, record.bank_bytes);
            return true;
        case Placement::Kind::l1: {
            Allocator& l1 = l1s[chip.tile_index(record.placement.tile)];
            if (!fits(l1)) return false;
            l1.take(record.address, record.bank_bytes);
            return true;
        }
    }
    return false;
}

void DeviceState::release(std::uint64_t id, const Record& record) {
    const auto found = records.find(id);
    if (found == records.end() || found->second != record) return;
    switch (record.placement.kind) {
        case Placement::Kind::interleaved:
            for (Allocator& bank : banks) bank.release(record.address);
            break;
        case Placement::Kind::bank:
            banks[record.placement.bank].release(record.address);
            break;
        case Placement::Kind::l1:
            l1s[chip.tile_index(record.placement.tile)].release(record.address);
            break;
    }
    records.erase(found);
}

void DeviceState::write(const Record& record, std::uint64_t offset,
                        std::span<const std::byte> data) {
    if (record.placement.kind == Placement::Kind::l1) {
        chip.write_l1(chip.tile_index(record.placement.tile), record.address + offset, data);
        return;
    }
    for_each_piece(record, offset, data.size(),
                   [&](std::uint32_t bank, std::uint64_t at, std::uint64_t done, std::uint64_t n) {
                       chip.write_dram(bank, at, data.subspan(done, n));
                   });
}

void DeviceState::read(const Record& record, std::uint64_t offset,
                       std::span<std::byte> data) const {
    if (record.placement.kind == Placement::Kind::l1) {
        chip.read_l1(chip.tile_index(record.placement.tile), record.address + offset, data);
        return;
    }
    for_each_piece(record, offset, data.size(),
                   [&](std::uint32_t bank, std::uint64_t at, std::uint64_t done, std::uint64_t n) {
                       chip.read_dram(bank, at, data.subspan(done, n));
                   });
}

void DeviceState::stop_everything() {
    chip.abort();
    groups.clear();
    queues.clear();
}

Allocation::~Allocation() {
    if (const auto owner = device.lock()) owner->release(id, record);
}

}  // namespace tilewright::detail
