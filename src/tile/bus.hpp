// What a core reaches beyond its plain memories: device registers, atomics, watched words.
#pragma once

#include <optional>

#include "tilewright/riscv/hart.hpp"
#include "tilewright/riscv/polling.hpp"
#include "tilewright/tile/tile.hpp"

namespace tilewright {

class TileBus final : public riscv::Bus {
public:
    TileBus(Tile& tile, std::uint32_t processor)
        : tile_(tile),
          chip_(tile.around.parameters),
          core_(tile.cores[processor]),
          run_(tile.runs[processor]),
          processor_(processor) {}

    bool synchronising(std::uint32_t address) const override;
    void granted(std::uint64_t cycle) override;
    bool poll() override;
    void pushed() override;
    void changed_functions(std::span<const riscv::CallRecord> records) override;
    riscv::Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle) override;
    bool queues_stores(std::uint32_t address) const override;
    riscv::Cause store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                       std::uint64_t cycle) override;
    riscv::Cause instruct(std::uint32_t word, std::uint64_t cycle) override;
    riscv::Access atomic(riscv::AtomicOp op, std::uint32_t address, std::uint32_t operand,
                         std::uint64_t cycle) override;
    riscv::Access load_reserved(std::uint32_t address, std::uint64_t cycle) override;
    riscv::Cause store_conditional(std::uint32_t address, std::uint32_t value,
                                   std::uint64_t cycle) override;

private:
    std::byte* plain(std::uint32_t address) const {
        return plain_memory(tile_, processor_, address);
    }
    std::uint32_t* word(std::uint32_t address) const {
        return reinterpret_cast<std::uint32_t*>(plain(address));
    }
    bool atomic_place(std::uint32_t address) const;
    std::uint32_t load_latency(std::uint32_t address) const;
    riscv::Access load_register(std::uint32_t address, std::uint64_t cycle);
    void will_write(std::byte* memory, std::uint32_t address, std::uint32_t bytes,
                    std::uint64_t cycle);
    void refresh_horizon();

    Tile& tile_;
    const TileParameters& chip_;
    Core& core_;
    CoreRun& run_;
    std::uint32_t processor_;
};

/// The word at an aligned address of the core, without effect, if a polling loop may wait for it.
std::optional<riscv::WordSeen> look(const Tile& tile, std::uint32_t processor,
                                    std::uint32_t address);

}  // namespace tilewright
