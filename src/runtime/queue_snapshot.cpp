// Queued work and launches under way in a snapshot: commands as plain data, kernels by their ELF
// images, and what they claim.
#include <algorithm>

#include "runtime/command_queues.hpp"
#include "runtime/device_state.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/image.hpp"

namespace tilewright {

template <class Archive>
void fields(Archive& archive, L1Words& words) {
    archive(words.address, words.words);
}
template <class Archive>
void fields(Archive& archive, Contents& contents) {
    archive(contents.place, contents.bytes);
}
template <class Archive>
void fields(Archive& archive, CoreId& core) {
    archive(core.tile.x, core.tile.y, core.processor);
}

}  // namespace tilewright

namespace tilewright::detail {
namespace {

enum class Kind : std::uint8_t { write, run, record, wait, copy };
constexpr Kind last_of(Kind) {
    return Kind::copy;
}

struct SavedLaunch {
    std::uint32_t image = 0;  ///< among the images of the work
    std::vector<CoreId> cores;
    std::vector<std::uint32_t> words;
    std::vector<L1Words> setup;
    std::vector<Contents> contents;
};

template <class Archive>
void fields(Archive& archive, SavedLaunch& l) {
    archive(l.image, l.cores, l.words, l.setup, l.contents);
}

struct SavedCommand {
    Kind kind = Kind::wait;
    std::uint64_t number = 0;  ///< of the buffer, the one that is copied from, or the event
    std::uint64_t offset = 0;
    std::vector<std::byte> data;
    std::uint64_t to = 0;  ///< of a copy: the other buffer, where in it, how much, how far it is
    std::uint64_t to_offset = 0;
    std::uint64_t bytes = 0;
    std::uint64_t left = 0;
    std::vector<SavedLaunch> launches;
    Claim claim;  ///< of launches
};

template <class Archive>
void fields(Archive& archive, SavedCommand& c) {
    archive(c.kind, c.number, c.offset, c.data, c.to, c.to_offset, c.bytes, c.left, c.launches,
            c.claim);
}

struct SavedQueue {
    bool started = false;
    std::uint64_t since = 0;
    std::vector<SavedCommand> commands;
    std::vector<EndedLaunch> ended;
};

template <class Archive>
void fields(Archive& archive, SavedQueue& q) {
    archive(q.started, q.since, q.commands, q.ended);
}

struct SavedImage {
    std::string name;
    std::vector<std::byte> elf;
};

template <class Archive>
void fields(Archive& archive, SavedImage& i) {
    archive(i.name, i.elf);
}

struct SavedEvent {
    std::uint64_t event = 0;
    std::uint64_t cycle = 0;
};

template <class Archive>
void fields(Archive& archive, SavedEvent& e) {
    archive(e.event, e.cycle);
}

using Images = std::vector<std::shared_ptr<const Image>>;

std::uint32_t index_of(Images& images, const std::shared_ptr<const Image>& image) {
    const auto found = std::ranges::find(images, image);
    if (found == images.end()) images.push_back(image);
    return static_cast<std::uint32_t>(std::ranges::find(images, image) - images.begin());
}

SavedCommand saved(const Command& command, std::uint32_t queue, Images& images) {
    SavedCommand result;
    if (const auto* write = std::get_if<WriteCommand>(&command)) {
        result.kind = Kind::write;
        result.number = write->buffer;
        result.offset = write->offset;
        result.data = write->data;
    } else if (const auto* run = std::get_if<RunCommand>(&command)) {
        result.kind = Kind::run;
        result.claim = run->held->claim();
        for (std::size_t i = 0; i < run->launches.size(); ++i) {
            const Launch& launch = run->launches[i];
            result.launches.push_back({index_of(images, launch.kernel.image()), launch.cores,
                                       run->words[i], launch.setup, launch.contents});
        }
    } else if (const auto* record = std::get_if<RecordCommand>(&command)) {
        result.kind = Kind::record;
        result.number = record->event;
    } else if (const auto* wait = std::get_if<WaitCommand>(&command)) {
        result.kind = Kind::wait;
        result.number = wait->event;
    } else if (const auto* copy = std::get_if<CopyCommand>(&command)) {
        result.kind = Kind::copy;
        result.number = copy->from;
        result.offset = copy->range.from;
        result.data = copy->data;
        result.to = copy->to;
        result.to_offset = copy->range.to;
        result.bytes = copy->range.bytes;
        result.left = copy->left;
    } else {
        throw SnapshotError("snapshot: queue " + std::to_string(host_number(queue)) +
                            " holds a read into memory of the host, which cannot be saved; "
                            "finish() it first");
    }
    return result;
}

Command restored(SavedCommand& saved, const std::vector<Kernel>& kernels) {
    switch (saved.kind) {
        case Kind::write:
            return WriteCommand{saved.number, saved.offset, std::move(saved.data)};
        case Kind::run: {
            if (saved.launches.empty()) throw SnapshotError("snapshot: a queued launch of nothing");
            RunCommand run;
            for (SavedLaunch& launch : saved.launches) {
                if (launch.image >= kernels.size()) {
                    throw SnapshotError("snapshot: a queued launch of an unknown kernel");
                }
                run.launches.push_back({.kernel = kernels[launch.image],
                                        .cores = std::move(launch.cores),
                                        .arguments = {},
                                        .setup = std::move(launch.setup),
                                        .contents = std::move(launch.contents)});
                run.words.push_back(std::move(launch.words));
            }
            run.held = std::make_shared<ClaimHolder>(std::move(saved.claim));
            return run;
        }
        case Kind::record:
            return RecordCommand{saved.number};
        case Kind::wait:
            return WaitCommand{saved.number};
        case Kind::copy:
            return CopyCommand{.from = saved.number,
                               .to = saved.to,
                               .range = {saved.offset, saved.to_offset, saved.bytes},
                               .left = saved.left,
                               .data = std::move(saved.data)};
    }
    throw SnapshotError("snapshot: an unknown command in a queue");
}

}  // namespace

void save(ArchiveWriter& archive, const QueuedWork& work) {
    Images images;
    std::vector<SavedQueue> queues;
    for (const OneQueue& queue : work.queues) {
        SavedQueue& to = queues.emplace_back();
        to.started = queue.started;
        to.since = queue.since;
        to.ended = queue.ended;
        for (const Command& command : queue.commands) {
            to.commands.push_back(
                saved(command, static_cast<std::uint32_t>(queues.size() - 1), images));
        }
    }
    std::vector<SavedImage> saved_images;
    for (const auto& image : images) {
        saved_images.push_back({image->name(), {image->elf().begin(), image->elf().end()}});
    }
    std::vector<SavedEvent> events;
    for (const auto& [event, cycle] : work.happened) events.push_back({event, cycle});
    archive(saved_images, queues, events, work.next_event);
}

QueuedWork load_queued_work(ArchiveReader& archive) {
    std::vector<SavedImage> images;
    std::vector<SavedQueue> queues;
    std::vector<SavedEvent> events;
    QueuedWork work;
    archive(images, queues, events, work.next_event);
    std::vector<Kernel> kernels;
    try {
        for (const SavedImage& image : images) {
            kernels.push_back(Kernel::from_elf(image.elf, image.name));
        }
    } catch (const ElfError& error) {
        throw SnapshotError(std::string("snapshot: a queued kernel: ") + error.what());
    }
    if (queues.empty() || !queues[direct_queue].commands.empty()) {
        throw SnapshotError("snapshot: no queue of direct launches, or one that waits");
    }
    work.queues.clear();
    for (SavedQueue& from : queues) {
        OneQueue& queue = work.queues.emplace_back();
        queue.started = from.started;
        queue.since = from.since;
        queue.ended = std::move(from.ended);
        for (SavedCommand& command : from.commands) {
            queue.commands.push_back(restored(command, kernels));
        }
    }
    for (const SavedEvent& e : events) work.happened.emplace(e.event, e.cycle);
    return work;
}

namespace {

struct SavedUnderWay {
    std::uint32_t queue = direct_queue;
    std::string name;
    std::vector<std::uint32_t> running;  ///< cores
    Claim claim;
    EndedLaunch ended;
};

template <class Archive>
void fields(Archive& archive, SavedUnderWay& l) {
    archive(l.queue, l.name, l.running, l.claim, l.ended);
}

}  // namespace

void save_launches(ArchiveWriter& archive, const DeviceState& state) {
    archive(state.next_launch, std::uint64_t{state.launches.size()});
    for (const auto& [number, launch] : state.launches) {
        SavedUnderWay saved{.queue = launch.queue,
                            .name = launch.name,
                            .running = {},
                            .claim = launch.held->claim(),
                            .ended = launch.ended};
        for (const Claim::OfCore& each : saved.claim.cores) {
            if (state.leases.launch_on(each.core) == number) saved.running.push_back(each.core);
        }
        archive(number, saved);
    }
}

LoadedLaunches load_launches(ArchiveReader& archive) {
    LoadedLaunches loaded;
    std::uint64_t count = 0;
    archive(loaded.next, count);
    for (std::uint64_t i = 0; i < count; ++i) {
        std::uint64_t number = 0;
        SavedUnderWay saved;
        archive(number, saved);
        if (number == 0 || number >= loaded.next || saved.running.empty()) {
            throw SnapshotError("snapshot: a launch that cannot be");
        }
        UnderWay launch{.queue = saved.queue,
                        .left = static_cast<std::uint32_t>(saved.running.size()),
                        .name = std::move(saved.name),
                        .held = std::make_shared<ClaimHolder>(std::move(saved.claim)),
                        .ended = std::move(saved.ended)};
        loaded.launches.emplace(number, std::move(launch));
        for (const std::uint32_t core : saved.running) loaded.cores.emplace_back(core, number);
    }
    return loaded;
}

void book_claims(Leases& leases, const QueuedWork& work, const LoadedLaunches& loaded) {
    for_each_claim(work, loaded.launches,
                   [&](const HeldClaim& held) { leases.claim_again(held->claim()); });
    for (const auto& [core, number] : loaded.cores) leases.resume_launch(core, number);
    for (const auto& [number, launch] : loaded.launches) {
        leases.resume_launch(launch.held->claim(), number);
    }
}

void check(const QueuedWork& work, const Launches& launches,
           std::span<const std::uint32_t> crossings, const EngineState& engines,
           const std::map<std::uint64_t, Allocation>& records) {
    const auto expect = [](bool holds, const char* what) {
        if (!holds) throw SnapshotError(std::string("snapshot: ") + what);
    };
    struct UnderWay {
        std::uint64_t launches = 0;
        std::uint64_t crossings = 0;  // of the host link
        std::uint64_t transfers = 0;  // of engines
        bool operator==(const UnderWay&) const = default;
    };
    std::vector<UnderWay> under_way(work.queues.size());
    for (const auto& [number, launch] : launches) {
        expect(launch.queue < under_way.size(), "a launch of a queue that there is not");
        ++under_way[launch.queue].launches;
    }
    under_way[direct_queue].launches = 0;  // as many as one likes
    for (const std::uint32_t number : crossings) {
        expect(number < under_way.size(), "a copy of a queue that there is not");
        ++under_way[number].crossings;
    }
    for (const Engine& engine : engines.engines) {
        for (std::uint64_t c = engine.first; c < engine.queue.size(); ++c) {
            const auto number = queue_of_notice(engine.queue[c].command.completion);
            if (!number) continue;
            expect(*number < under_way.size(), "a transfer of a queue that there is not");
            ++under_way[*number].transfers;
        }
    }
    const auto fits = [&](std::uint64_t buffer, std::uint64_t offset, std::uint64_t bytes) {
        const auto record = records.find(buffer);
        expect(record != records.end() && offset <= record->second.bytes &&
                   bytes <= record->second.bytes - offset,
               "a queued copy that does not fit its buffer");
    };
    for (std::size_t number = 0; number < work.queues.size(); ++number) {
        const OneQueue& queue = work.queues[number];
        UnderWay expected;
        if (queue.started) {
            expect(!queue.commands.empty(), "a queue that works on nothing");
            const Command& first = queue.commands.front();
            expected.launches = std::holds_alternative<RunCommand>(first) ? 1 : 0;
            expected.crossings = std::holds_alternative<WriteCommand>(first) ? 1 : 0;
            if (const auto* copy = std::get_if<CopyCommand>(&first)) {
                const bool by_engines = under_way[number].transfers != 0;
                (by_engines ? expected.transfers : expected.crossings) =
                    by_engines ? copy->left : 1;
                const bool fetched = copy->left == 1 && copy->data.size() == copy->range.bytes;
                expect(copy->data.empty() || (!by_engines && fetched),
                       "a copy with bytes that it cannot have");
                expect(by_engines || copy->left == 1 || copy->left == 2,
                       "a copy that is as far as none can be");
            }
        }
        expect(under_way[number] == expected && queue.started == (expected != UnderWay{}),
               "a queue that works on something else than its command");
        for (const Command& command : queue.commands) {
            if (const auto* write = std::get_if<WriteCommand>(&command)) {
                fits(write->buffer, write->offset, write->data.size());
            } else if (const auto* copy = std::get_if<CopyCommand>(&command)) {
                fits(copy->from, copy->range.from, copy->range.bytes);
                fits(copy->to, copy->range.to, copy->range.bytes);
            }
        }
    }
}

}  // namespace tilewright::detail
