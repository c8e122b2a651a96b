// What a core reaches beyond its plain memories: device registers, atomics, watched words.
#pragma once

#include <optional>
#include <string>

#include "tilewright/chip/chip.hpp"
#include "tilewright/riscv/hart.hpp"

namespace tilewright {

/// Thrown through the interpreter when a device refuses what a kernel asks of it.
struct BusRefusal {
    std::string message;
};

class TileBus final : public riscv::Bus {
public:
    TileBus(Chip& chip, std::uint32_t core)
        : chip_(chip), core_(core), tile_(chip.tile_of(core)), l1_bytes_(chip.config_.l1_bytes) {}

    bool synchronising(std::uint32_t address) const override;
    void granted(std::uint64_t cycle) override;
    bool poll() override;
    void changed_functions(std::span<const riscv::CallRecord> records) override;
    riscv::Access load(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle) override;
    riscv::Cause store(std::uint32_t address, std::uint32_t bytes, std::uint32_t value,
                       std::uint64_t cycle) override;
    riscv::Access atomic(riscv::AtomicOp op, std::uint32_t address, std::uint32_t operand,
                         std::uint64_t cycle) override;
    riscv::Access load_reserved(std::uint32_t address, std::uint64_t cycle) override;
    riscv::Cause store_conditional(std::uint32_t address, std::uint32_t value,
                                   std::uint64_t cycle) override;

    /// The word at an aligned address, without effect, if a polling loop may wait for it.
    std::optional<riscv::WordSeen> look(std::uint32_t address) const;

private:
    bool atomic_place(std::uint32_t address) const;
    std::byte* plain(std::uint32_t address) const;
    std::uint32_t* word(std::uint32_t address) const;
    bool in_local(std::uint32_t address) const;
    bool in_direct(std::uint32_t address) const;
    std::uint32_t load_latency(std::uint32_t address) const;
    void changed(std::uint32_t address, std::uint32_t bytes, std::uint64_t cycle);
    riscv::Access read_register(std::uint32_t address) const;
    riscv::Access read_engine_register(std::uint32_t address) const;
    riscv::Cause write_engine_register(std::uint32_t address, std::uint32_t value,
                                       std::uint64_t cycle);
    riscv::Cause submit(std::uint32_t descriptor, std::uint64_t cycle);
    template <class Descriptor>
    Descriptor descriptor_at(std::uint32_t address);
    riscv::Cause write_noc(std::uint32_t noc, std::uint32_t offset, std::uint32_t value,
                           std::uint64_t cycle);

    Chip& chip_;
    std::uint32_t core_;
    std::uint32_t tile_;
    std::uint32_t l1_bytes_;
};

}  // namespace tilewright
