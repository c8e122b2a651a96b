// libFuzzer target: any bytes at all as the body of a snapshot, behind a header that fits them.
// Restoring refuses them, or leaves a device that runs on without harm to the host.
//
//     clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -Isrc \
//         fuzz/snapshot_fuzz.cpp src/{base,memory,riscv,fabric,compute,chip,runtime}/*.cpp -o
//         snapshot_fuzz
//     ./snapshot_fuzz CORPUS
// A corpus to start from: what Device::snapshot() gives, without its first 40 bytes.
#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/snapshot_header.hpp"
#include "tilewright/base/archive.hpp"
#include "tilewright/base/checksum.hpp"
#include "tilewright/runtime/device.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tilewright;
    static Device device("tiny");  // restoring is what makes it new again
    const auto body = std::as_bytes(std::span(data, size));
    ArchiveWriter snapshot;
    snapshot(SnapshotHeader{
        .config = config_hash(device.config()), .bytes = size, .checksum = checksum(body)});
    snapshot.raw(body);
    try {
        device.restore(Snapshot{snapshot.take()});
        for (Buffer& buffer : device.buffers()) buffer.describe();
        device.finish({.cycle_limit = 20'000, .stop_requested = {}});
    } catch (const Error&) {
        // What bytes that do not fit, and kernels that do not end, must end in.
    }
    return 0;
}
