#include "chip/dram_banks.hpp"

#include <algorithm>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

void expect(bool good, const char* what) {
    if (!good) throw SnapshotError(std::string("snapshot: ") + what);
}

}  // namespace

DramTiming dram_timing(const ChipConfig& config) {
    return {.rate = rate_of(config.dram_bytes_per_cycle),
            .row_bytes = config.dram_row_bytes,
            .open_rows = config.dram_open_rows,
            .row_hit_cycles = config.dram_row_hit_cycles,
            .row_miss_cycles = config.dram_row_miss_cycles,
            .accept_cycles = config.dram_accept_cycles};
}

DramBanks::DramBanks(const ChipConfig& config, const Probes& probes)
    : probes_(probes),
      timing_(dram_timing(config)),
      state_{std::vector<DramBank>(config.dram_bank_count)} {}

std::uint64_t DramBanks::access(std::uint32_t number, std::uint64_t cycle, std::uint32_t address,
                                std::uint32_t bytes, bool write) {
    DramBank& bank = state_.banks[number];
    const std::uint64_t start = std::max(cycle, bank.free.rounded_up());
    const std::uint64_t done = dram_access(bank, timing_, cycle, address, bytes, write);
    if (probes_.observer != nullptr) {
        probes_.observer->on_dram({.bank = number,
                                   .write = write,
                                   .address = address,
                                   .bytes = bytes,
                                   .start = Cycle{start},
                                   .busy_cycles = bank.free.cycle - start});
    }
    return done;
}

void DramBanks::check(const State& state, const EventQueue&) const {
    expect(state.banks.size() == state_.banks.size(), "wrong number of DRAM banks");
    for (const DramBank& bank : state.banks) {
        expect(bank.open_rows.empty() || bank.open_rows.size() == timing_.open_rows,
               "wrong number of open rows");
        expect(bank.free.of != 0 && bank.free.part < bank.free.of, "a time that cannot be");
    }
}

void DramBanks::count(const CountSink& sink) const {
    for (std::size_t b = 0; b < state_.banks.size(); ++b) {
        const DramBank& bank = state_.banks[b];
        const std::string prefix = "dram" + std::to_string(b) + ".";
        sink(prefix + "reads", "accesses", "that read", bank.reads);
        sink(prefix + "writes", "accesses", "that wrote", bank.writes);
        sink(prefix + "bytes_read", "bytes", "read", bank.bytes_read);
        sink(prefix + "bytes_written", "bytes", "written", bank.bytes_written);
        sink(prefix + "row_hits", "accesses", "that found their row open", bank.row_hits);
        sink(prefix + "row_misses", "accesses", "that opened a row", bank.row_misses);
        sink(prefix + "busy_cycles", "cycles", "in which the bus moved data", bank.busy_cycles);
        sink(prefix + "queued_cycles", "cycles", "that accesses waited for the bus",
             bank.queued_cycles);
    }
}

void DramBanks::abort() {
    for (DramBank& bank : state_.banks) {
        bank.free = {};
        bank.served = 0;
    }
}

}  // namespace tilewright
