// A buffer of the host as a kernel sees it: pages that go round the banks of a DRAM, or one L1.
#pragma once

#include <cstdint>

#include "tilewright/kernel/check.hpp"
#include "tilewright/kernel/device.hpp"
#include "tilewright/kernel/noc.hpp"

namespace tilewright::kernel {

struct Buffer {
    abi::BufferRef ref;

    TILEWRIGHT_DEVICE std::uint32_t bytes() const { return ref.bytes; }
    TILEWRIGHT_DEVICE std::uint32_t page_bytes() const { return ref.page_bytes; }
    /// The last page may be shorter than page_bytes().
    TILEWRIGHT_DEVICE std::uint32_t pages() const {
        return ref.bytes / ref.page_bytes + (ref.bytes % ref.page_bytes != 0 ? 1 : 0);
    }

    TILEWRIGHT_DEVICE NocAddress noc_address(std::uint32_t page,
                                             std::uint32_t offset_in_page = 0) const {
        const std::uint32_t row = page / ref.bank_count;
        const std::uint32_t bank = page - row * ref.bank_count;
        return {ref.node + bank, ref.address + row * ref.page_bytes + offset_in_page};
    }

    /// Starts to read; split where pages end. noc_async_read_barrier(noc) waits for it.
    TILEWRIGHT_DEVICE void read(std::uint32_t byte_offset, void* destination, std::uint32_t count,
                                std::uint32_t noc = 0) const {
        transfer(abi::NocCommand::read, byte_offset, reinterpret_cast<std::uint32_t>(destination),
                 count, noc);
    }

    /// Starts to write; split where pages end. noc_async_write_barrier(noc) waits for it.
    TILEWRIGHT_DEVICE void write(std::uint32_t byte_offset, const void* source, std::uint32_t count,
                                 std::uint32_t noc = 0) const {
        transfer(abi::NocCommand::write, byte_offset, reinterpret_cast<std::uint32_t>(source),
                 count, noc);
    }

private:
    TILEWRIGHT_DEVICE void transfer(abi::NocCommand command, std::uint32_t byte_offset,
                                    std::uint32_t local, std::uint32_t count,
                                    std::uint32_t noc) const {
        check(byte_offset <= ref.bytes && count <= ref.bytes - byte_offset,
              "transfer beyond the end of a buffer");
        std::uint32_t page = byte_offset / ref.page_bytes;
        std::uint32_t offset = byte_offset - page * ref.page_bytes;
        while (count != 0) {
            const std::uint32_t room = ref.page_bytes - offset;
            const std::uint32_t part = count < room ? count : room;
            device::noc_transfer(command, noc_address(page, offset), local, part, noc);
            local += part;
            count -= part;
            offset = 0;
            ++page;
        }
    }
};
static_assert(sizeof(Buffer) == sizeof(abi::BufferRef));

}  // namespace tilewright::kernel
