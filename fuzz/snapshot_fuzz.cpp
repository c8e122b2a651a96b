// libFuzzer target: any bytes at all as a snapshot whose header fits them. Restoring refuses them,
// or leaves a device that runs on without harm to the host. write_seeds makes a corpus.
#include <cstddef>
#include <cstdint>
#include <span>

#include "entry.hpp"
#include "runtime/snapshot_header.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/runtime/device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tilewright;
    static Device tiny("tiny"), kpu("kpu");  // restoring is what makes them new again
    const auto bytes = std::as_bytes(std::span(data, size));
    if (size < SnapshotHeader::size) return 0;

    SnapshotHeader given;
    ArchiveReader(bytes.first(SnapshotHeader::size))(given);
    const auto body = bytes.subspan(SnapshotHeader::size);
    Device& device = given.config == config_hash(kpu.config()) ? kpu : tiny;
    ArchiveWriter snapshot;
    snapshot(SnapshotHeader{.pages = given.pages,
                            .config = config_hash(device.config()),
                            .bytes = body.size(),
                            .checksum = checksum(body)});
    snapshot.raw(body);
    try {
        device.restore(snapshot.take());
        for (Buffer& buffer : device.buffers()) buffer.describe();
        device.finish({.cycle_limit = 20'000, .stop_requested = {}});
    } catch (const Error&) {
        // What bytes that do not fit, and kernels that do not end, must end in.
    }
    return 0;
}
