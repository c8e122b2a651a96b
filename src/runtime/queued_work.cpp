// Queued work in a snapshot: commands as plain data, kernels by their ELF images.
#include <algorithm>

#include "runtime/device_state.hpp"
#include "runtime/queues.hpp"
#include "tilewright/base/error.hpp"
#include "tilewright/chip/image.hpp"

namespace tilewright {

template <class Archive>
void fields(Archive& archive, L1Words& words) {
    archive(words.address, words.words);
}
template <class Archive>
void fields(Archive& archive, CoreId& core) {
    archive(core.tile.x, core.tile.y, core.processor);
}

}  // namespace tilewright

namespace tilewright::detail {
namespace {

enum class Kind : std::uint8_t { write, run, record, wait };
constexpr Kind last_of(Kind) {
    return Kind::wait;
}

struct SavedLaunch {
    std::uint32_t image = 0;  ///< among the images of the work
    std::vector<CoreId> cores;
    std::vector<std::uint32_t> words;
    std::vector<L1Words> setup;
};

template <class Archive>
void fields(Archive& archive, SavedLaunch& l) {
    archive(l.image, l.cores, l.words, l.setup);
}

struct SavedCommand {
    Kind kind = Kind::wait;
    std::uint64_t number = 0;  ///< of the buffer or the event
    std::uint64_t offset = 0;
    std::vector<std::byte> data;
    std::vector<SavedLaunch> launches;
};

template <class Archive>
void fields(Archive& archive, SavedCommand& c) {
    archive(c.kind, c.number, c.offset, c.data, c.launches);
}

struct SavedQueue {
    bool started = false;
    std::uint64_t since = 0;
    std::vector<SavedCommand> commands;
    std::vector<Group> ended;
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

SavedCommand saved(const Command& command, std::size_t queue, Images& images) {
    SavedCommand result;
    if (const auto* write = std::get_if<WriteCommand>(&command)) {
        result.kind = Kind::write;
        result.number = write->buffer;
        result.offset = write->offset;
        result.data = write->data;
    } else if (const auto* run = std::get_if<RunCommand>(&command)) {
        result.kind = Kind::run;
        for (std::size_t i = 0; i < run->launches.size(); ++i) {
            const Launch& launch = run->launches[i];
            result.launches.push_back({index_of(images, launch.kernel.image()), launch.cores,
                                       run->words[i], launch.setup});
        }
    } else if (const auto* record = std::get_if<RecordCommand>(&command)) {
        result.kind = Kind::record;
        result.number = record->event;
    } else if (const auto* wait = std::get_if<WaitCommand>(&command)) {
        result.kind = Kind::wait;
        result.number = wait->event;
    } else {
        throw SnapshotError("snapshot: queue " + std::to_string(queue) +
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
                                        .setup = std::move(launch.setup)});
                run.words.push_back(std::move(launch.words));
            }
            return run;
        }
        case Kind::record:
            return RecordCommand{saved.number};
        case Kind::wait:
            return WaitCommand{saved.number};
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
            to.commands.push_back(saved(command, queues.size() - 1, images));
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

void check(const QueuedWork& work, std::span<const Group> groups,
           std::span<const std::uint32_t> copies, const std::map<std::uint64_t, Record>& records) {
    const auto expect = [](bool holds, const char* what) {
        if (!holds) throw SnapshotError(std::string("snapshot: ") + what);
    };
    struct UnderWay {
        std::uint32_t launches = 0;
        std::uint32_t copies = 0;
        bool operator==(const UnderWay&) const = default;
    };
    std::vector<UnderWay> under_way(work.queues.size());
    for (const Group& group : groups) {
        if (group.queue == Group::direct) continue;
        const auto number = static_cast<std::uint64_t>(group.queue);
        expect(number < under_way.size(), "a launch of a queue that there is not");
        ++under_way[number].launches;
    }
    for (const std::uint32_t number : copies) {
        expect(number < under_way.size(), "a copy of a queue that there is not");
        ++under_way[number].copies;
    }
    for (std::size_t number = 0; number < work.queues.size(); ++number) {
        const OneQueue& queue = work.queues[number];
        UnderWay expected;
        if (queue.started) {
            expect(!queue.commands.empty(), "a queue that works on nothing");
            expected.launches = std::holds_alternative<RunCommand>(queue.commands.front());
            expected.copies = std::holds_alternative<WriteCommand>(queue.commands.front());
        }
        expect(under_way[number] == expected && queue.started == (expected != UnderWay{}),
               "a queue that works on something else than its command");
        for (const Command& command : queue.commands) {
            const auto* write = std::get_if<WriteCommand>(&command);
            if (write == nullptr) continue;
            const auto record = records.find(write->buffer);
            expect(record != records.end() && write->offset <= record->second.bytes &&
                       write->data.size() <= record->second.bytes - write->offset,
                   "a queued copy that does not fit its buffer");
        }
    }
}

}  // namespace tilewright::detail
