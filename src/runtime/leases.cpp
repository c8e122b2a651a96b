#include "runtime/leases.hpp"

#include <algorithm>
#include <utility>

#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/firmware/abi.hpp"

namespace tilewright {

std::string describe(const Resource& resource) {
    const TileId tile = resource.core.tile;
    const std::string place = "(" + std::to_string(tile.x) + ", " + std::to_string(tile.y);
    switch (resource.kind) {
        case Resource::Kind::tile:
            return "tile " + place + ")";
        case Resource::Kind::core:
            return "core " + place + ", " + std::to_string(resource.core.processor) + ")";
        case Resource::Kind::flag:
            return "flag " + std::to_string(resource.number);
        case Resource::Kind::semaphore:
            return "semaphore " + std::to_string(resource.number);
        case Resource::Kind::l1:
            break;
    }
    return "bytes " + std::to_string(resource.address) + " to " +
           std::to_string(resource.address + resource.bytes) + " of the L1 of tile " + place + ")";
}

bool Lease::valid() const {
    return handle_ != nullptr && handle_->valid();
}
void Lease::release() {
    if (handle_) handle_->release();
}
const Resource& Lease::resource() const {
    if (!handle_) throw Error("the lease was never taken");
    return handle_->holding.resource;
}
const std::string& Lease::holder() const {
    if (!handle_) throw Error("the lease was never taken");
    return handle_->holding.holder;
}

namespace detail {

std::string describe(const Allocator::Piece& piece) {
    const std::string from = " from " + std::to_string(piece.offset) + " on";
    if (piece.holder.empty()) return "a buffer of " + std::to_string(piece.bytes) + " bytes" + from;
    return piece.holder + ", which has " + std::to_string(piece.bytes) + " bytes" + from;
}

void refuse_second(const std::string& what, const std::string& second, const std::string& first) {
    throw BusyError(what + ": " + second + " cannot have it beside " + first);
}

void open_l1(Chip& chip, const Resource& resource) {
    const auto open = [&](std::uint64_t address, std::uint64_t bytes) {
        chip.open({MemoryKind::tile_l1, chip.tile_index(resource.core.tile), address}, bytes);
    };
    if (resource.kind == Resource::Kind::l1) open(resource.address, resource.bytes);
    if (resource.kind == Resource::Kind::tile) {
        open(abi::l1_user_base, chip.config().l1_bytes - abi::l1_user_base);
    }
}

Leases::Leases(const Chip& chip)
    : l1s(chip.config().all_tile_count(), Allocator(abi::l1_user_base, chip.config().l1_bytes)),
      chip_(&chip),
      launches_(chip.config().core_count()),
      set_up_(chip.config().all_tile_count()) {}

std::string Leases::tile_text(std::uint32_t tile) const {
    return tilewright::describe(Resource::tile(chip_->config().tile_id(tile)));
}
std::string Leases::core_text(std::uint32_t core) const {
    return tilewright::describe(Resource::of_core(chip_->core_id(core)));
}

std::vector<std::uint32_t> Leases::cores_of(const Resource& resource) const {
    if (resource.kind == Resource::Kind::core) return {chip_->core_index(resource.core)};
    if (resource.kind != Resource::Kind::tile) return {};
    const std::uint32_t tile = chip_->tile_index(resource.core.tile);
    std::vector<std::uint32_t> cores(chip_->config().cores_of(tile).size());
    for (std::size_t p = 0; p < cores.size(); ++p) {
        cores[p] = chip_->core_index({resource.core.tile, static_cast<std::uint16_t>(p)});
    }
    return cores;
}

// AddressError unless the resource exists and nobody has it.
void Leases::check(const Resource& resource, const std::string& holder) const {
    const std::string what = tilewright::describe(resource);
    if (resource.kind == Resource::Kind::flag || resource.kind == Resource::Kind::semaphore) {
        const bool flag = resource.kind == Resource::Kind::flag;
        const std::uint32_t count = flag ? abi::engine_flag_count : abi::semaphore_count;
        if (resource.number >= count) {
            throw AddressError("no " + what + "; the device has " + std::to_string(count));
        }
        const auto& taken = flag ? flags_ : semaphores_;
        const auto found = taken.find(resource.number);
        if (found != taken.end()) {
            refuse_second(what, holder, holdings_.at(found->second).holder);
        }
        return;
    }
    for (const std::uint32_t core : cores_of(resource)) {
        const auto leased = cores_.find(core);
        if (leased != cores_.end()) {
            refuse_second(core_text(core), holder, holdings_.at(leased->second).holder);
        }
        const auto claimed = claimed_.find(core);
        if (claimed != claimed_.end()) {
            refuse_second(core_text(core), holder, claimed->second.front());
        }
    }
    if (resource.kind == Resource::Kind::core) return;
    const Allocator& l1 = l1s[chip_->tile_index(resource.core.tile)];
    const bool whole = resource.kind == Resource::Kind::tile;
    const std::uint64_t begin = whole ? l1.begin() : resource.address;
    const std::uint64_t bytes = whole ? l1.end() - l1.begin() : resource.bytes;
    if (begin < l1.begin() || bytes == 0 || begin > l1.end() || bytes > l1.end() - begin) {
        throw AddressError(what + ": expected at least one byte, from " +
                           std::to_string(l1.begin()) + " up to " + std::to_string(l1.end()));
    }
    if (const auto first = l1.taken_by(begin, bytes)) {
        refuse_second(what, holder, describe(*first));
    }
    if (const auto first = l1.shared_by(begin, bytes)) {
        refuse_second(what, holder, describe(*first));
    }
}

void Leases::mark(std::uint64_t number, const Holding& holding, bool taken) {
    const Resource& resource = holding.resource;
    const auto put = [&](std::map<std::uint32_t, std::uint64_t>& book, std::uint32_t index) {
        if (taken) {
            book.emplace(index, number);
        } else {
            book.erase(index);
        }
    };
    if (resource.kind == Resource::Kind::flag) return put(flags_, resource.number);
    if (resource.kind == Resource::Kind::semaphore) return put(semaphores_, resource.number);
    for (const std::uint32_t core : cores_of(resource)) put(cores_, core);
    if (resource.kind == Resource::Kind::core) return;
    Allocator& l1 = l1s[chip_->tile_index(resource.core.tile)];
    const bool whole = resource.kind == Resource::Kind::tile;
    const std::uint64_t begin = whole ? l1.begin() : resource.address;
    if (taken) {
        l1.take(begin, whole ? l1.end() - begin : resource.bytes, holding.holder);
    } else {
        l1.release(begin);
    }
}

std::uint64_t Leases::enter(const Resource& resource, std::string holder) {
    const auto [entry, fresh] = holdings_.emplace(next_, Holding{resource, std::move(holder)});
    mark(next_, entry->second, true);
    return next_++;
}

std::uint64_t Leases::take(const Resource& resource, std::string holder) {
    if (holder.empty()) throw ArgumentError("a lease without the name of its holder");
    check(resource, holder);
    return enter(resource, std::move(holder));
}

std::uint64_t Leases::take_flag(std::string holder, bool from_top) {
    constexpr std::uint32_t count = abi::engine_flag_count;
    if (flags_.size() == count) {
        throw BusyError("all " + std::to_string(count) + " flags of the device are taken");
    }
    std::uint32_t flag = from_top ? count - 1 : 0;
    if (from_top) {
        for (auto next = flags_.rbegin(); next != flags_.rend() && next->first == flag; ++next)
            --flag;
    } else {
        for (auto next = flags_.begin(); next != flags_.end() && next->first == flag; ++next)
            ++flag;
    }
    return enter(Resource::flag(flag), std::move(holder));
}

std::uint64_t Leases::take_semaphore(std::string holder) {
    if (semaphores_.size() == abi::semaphore_count) {
        throw BusyError("all " + std::to_string(abi::semaphore_count) +
                        " semaphores of the device are taken");
    }
    return enter({.kind = Resource::Kind::semaphore, .number = semaphores()}, std::move(holder));
}

void Leases::give_back(const Holding& holding) {
    const auto found = std::ranges::find_if(
        holdings_, [&](const auto& each) { return knows(each.first, holding); });
    if (found == holdings_.end()) {
        throw AddressError("nobody has leased " + tilewright::describe(holding.resource) + " as " +
                           holding.holder);
    }
    const Holding taken = found->second;  // the caller's may be the entry itself
    give_back(found->first, taken);
}

bool Leases::knows(std::uint64_t number, const Holding& holding) const {
    const auto found = holdings_.find(number);
    return found != holdings_.end() && found->second.resource == holding.resource &&
           found->second.holder == holding.holder;
}

void Leases::give_back(std::uint64_t number, const Holding& holding) {
    if (!knows(number, holding)) return;  // it is somebody else's since a restore
    mark(number, holding, false);
    holdings_.erase(number);
}

void Leases::claim(const Claim& claim) {
    for (const Claim::OfCore& each : claim.cores) {
        const auto taken = cores_.find(each.core);
        if (taken == cores_.end() || each.leased) continue;
        refuse_second(core_text(each.core), each.kernel, holdings_.at(taken->second).holder);
    }
    for (const Claim::OfL1& range : claim.l1) {
        const auto first = l1s[range.tile].taken_by(range.address, range.bytes);
        if (!first) continue;
        refuse_second(tilewright::describe(Resource::l1(chip_->config().tile_id(range.tile),
                                                        range.address, range.bytes)),
                      range.user, describe(*first));
    }
    for (const Claim::OfCore& each : claim.cores) claimed_[each.core].push_back(each.kernel);
    for (const Claim::OfL1& range : claim.l1) {
        l1s[range.tile].share(range.address, range.bytes, range.user);
    }
}

void Leases::claim_again(const Claim& claim) {
    for (const Claim::OfCore& each : claim.cores) {
        if (each.core >= launches_.size()) throw AddressError("a launch on a core of nowhere");
    }
    for (const Claim::OfL1& range : claim.l1) {
        const bool there = range.tile < l1s.size() && range.bytes != 0 &&
                           range.address >= l1s[range.tile].begin() &&
                           range.address <= l1s[range.tile].end() &&
                           range.bytes <= l1s[range.tile].end() - range.address;
        if (!there) throw AddressError("a launch with L1 of nowhere");
    }
    for (const std::uint32_t tile : claim.tiles) {
        if (tile >= set_up_.size()) throw AddressError("a launch on a tile of nowhere");
    }
    this->claim(claim);
}

void Leases::resume_launch(std::uint32_t core, std::uint64_t number) {
    if (core >= launches_.size() || launches_[core] != 0) {
        throw AddressError("two launches on one core, or one of nowhere");
    }
    launches_[core] = number;
}

void Leases::resume_launch(const Claim& claim, std::uint64_t number) {
    for (const std::uint32_t tile : claim.tiles) set_up_[tile] = number;
}

void Leases::end_claim(const Claim& claim, std::uint64_t edition) {
    if (edition != edition_) return;
    for (const Claim::OfCore& each : claim.cores) {
        const auto found = claimed_.find(each.core);
        std::vector<std::string>& kernels = found->second;
        kernels.erase(std::ranges::find(kernels, each.kernel));
        if (kernels.empty()) claimed_.erase(found);
    }
    for (const Claim::OfL1& range : claim.l1) {
        l1s[range.tile].unshare(range.address, range.bytes);
    }
}

void Leases::begin_launch(std::uint64_t number, const Claim& claim) {
    for (const Claim::OfCore& each : claim.cores) launches_[each.core] = number;
    for (const std::uint32_t tile : claim.tiles) set_up_[tile] = number;
}

void Leases::end_launch(const Claim& claim) {
    for (const std::uint32_t tile : claim.tiles) set_up_[tile] = 0;
}

void Leases::end_launches() {
    std::ranges::fill(launches_, 0);
    std::ranges::fill(set_up_, 0);
}

std::vector<Holding> Leases::list() const {
    std::vector<Holding> all;
    for (const auto& [number, holding] : holdings_) all.push_back(holding);
    for (std::uint32_t tile = 0; tile < l1s.size(); ++tile) {
        l1s[tile].for_each_shared([&](const Allocator::Piece& piece) {
            all.push_back({Resource::l1(chip_->config().tile_id(tile), piece.offset, piece.bytes),
                           piece.holder});
        });
    }
    for (const auto& [core, kernels] : claimed_) {
        all.push_back({Resource::of_core(chip_->core_id(core)), kernels.front()});
    }
    return all;
}

Leases Leases::next_edition(const Holdings& holdings) const {
    Leases next(*chip_);
    next.edition_ = edition_ + 1;
    next.next_ = next_;
    for (const auto& [number, holding] : holdings) {
        next.check(holding.resource, holding.holder);
        next.holdings_.emplace(number, holding);
        next.mark(number, holding, true);
        next.next_ = std::max(next.next_, number + 1);
    }
    return next;
}

}  // namespace detail
}  // namespace tilewright
