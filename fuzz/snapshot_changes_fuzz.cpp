// libFuzzer target: any bytes at all as the changes from one snapshot to another, with a header
// that fits them. Applying them gives a snapshot or refuses. write_seeds makes a corpus.
#include <cstddef>
#include <cstdint>
#include <span>

#include "entry.hpp"
#include "seeds.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/runtime/device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tilewright;
    static const Snapshot base = snapshots("tiny").front();
    // magic, checksum of the base, checksum of the result, checksum of what follows
    constexpr std::size_t words = sizeof(std::uint64_t), header = 4 * words;
    const auto bytes = std::as_bytes(std::span(data, size));
    if (size < header) return 0;
    ArchiveWriter repaired;
    repaired.raw(bytes.first(header - words));
    repaired(checksum(bytes.subspan(header)));
    repaired.raw(bytes.subspan(header));
    try {
        apply(base, SnapshotChanges{repaired.take()});
    } catch (const SnapshotError&) {
        // What bytes that do not fit must end in.
    }
    return 0;
}
