// Perfetto's protobuf: a stream of TracePackets, each of which can be read once it is written.
//
// Field numbers are those of perfetto/trace/*.proto. A message is put together in a string and goes
// into the one around it with its length before it. Names are interned: written once, then numbers.
#include <map>

#include "trace/sink.hpp"

namespace tilewright::detail {
namespace {

constexpr std::uint64_t sequence = 1;  // all packets are of one writer
constexpr std::size_t most_names = 4096;
constexpr std::uint64_t group_uuids = 1ull << 32;
constexpr std::uint32_t incremental_state_cleared = 1;
constexpr std::uint32_t needs_incremental_state = 2;

namespace packet {
enum : std::uint32_t {
    timestamp = 8,
    trusted_packet_sequence_id = 10,
    track_event = 11,
    interned_data = 12,
    sequence_flags = 13,
    track_descriptor = 60,
};
}
namespace descriptor {
enum : std::uint32_t { uuid = 1, name = 2, parent_uuid = 5 };
}
namespace event_field {
enum : std::uint32_t {
    debug_annotations = 4,
    type = 9,
    name_iid = 10,
    track_uuid = 11,
    name = 23,
    flow_ids = 47,
    terminating_flow_ids = 48,
};
}

class Message {
public:
    void clear() { bytes_.clear(); }
    const std::string& bytes() const { return bytes_; }
    void number(std::uint32_t field, std::uint64_t value) {
        varint(field << 3);
        varint(value);
    }
    void fixed64(std::uint32_t field, std::uint64_t value) {
        varint(field << 3 | 1);
        for (int shift = 0; shift < 64; shift += 8) {
            bytes_.push_back(static_cast<char>(value >> shift & 0xFF));
        }
    }
    void text(std::uint32_t field, std::string_view value) {
        varint(field << 3 | 2);
        varint(value.size());
        bytes_ += value;
    }

private:
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
        bytes_.push_back(static_cast<char>(value));
    }
    std::string bytes_;
};

class PerfettoSink final : public TraceSink {
public:
    explicit PerfettoSink(const std::filesystem::path& file) : file_(file) {
        packet_.clear();
        packet_.number(packet::trusted_packet_sequence_id, sequence);
        packet_.number(packet::sequence_flags, incremental_state_cleared);
        write_packet();
    }

    void group(std::uint32_t number, std::string_view name) override {
        describe(group_uuids + number, 0, name);
    }
    void track(std::uint32_t number, std::uint32_t group, std::string_view name) override {
        describe(number, group_uuids + group, name);
    }

    void event(const TraceEvent& e) override {
        body_.clear();
        packet_.clear();
        switch (e.kind) {
            case TraceEvent::Kind::begin:
                body_.number(event_field::type, 1);
                break;
            case TraceEvent::Kind::end:
                body_.number(event_field::type, 2);
                break;
            case TraceEvent::Kind::instant:
                body_.number(event_field::type, 3);
                break;
        }
        body_.number(event_field::track_uuid, e.track);
        if (const std::uint64_t number = intern(e.name); number != 0) {
            body_.number(event_field::name_iid, number);
        } else if (!e.name.empty()) {
            body_.text(event_field::name, e.name);
        }
        if (e.flow_from != 0) body_.fixed64(event_field::flow_ids, e.flow_from);
        if (e.flow_to != 0) body_.fixed64(event_field::terminating_flow_ids, e.flow_to);
        if (e.has_details) {
            annotate("address", e.address);
            annotate("bytes", e.bytes);
        }
        packet_.number(packet::timestamp, e.cycle);
        packet_.number(packet::trusted_packet_sequence_id, sequence);
        packet_.number(packet::sequence_flags, needs_incremental_state);
        packet_.text(packet::track_event, body_.bytes());
        write_packet();
    }

    void finish() override { file_.close(); }

private:
    void describe(std::uint64_t uuid, std::uint64_t parent, std::string_view name) {
        body_.clear();
        body_.number(descriptor::uuid, uuid);
        body_.text(descriptor::name, name);
        if (parent != 0) body_.number(descriptor::parent_uuid, parent);
        packet_.clear();
        packet_.number(packet::trusted_packet_sequence_id, sequence);
        packet_.text(packet::track_descriptor, body_.bytes());
        write_packet();
    }

    void annotate(std::string_view name, std::uint64_t value) {
        inner_.clear();
        inner_.text(10, name);    // DebugAnnotation.name
        inner_.number(3, value);  // .uint_value
        body_.text(event_field::debug_annotations, inner_.bytes());
    }

    // The packet in which a name comes first carries it. 0 for none: guests make names, so those
    // that are kept are bounded, and further ones are written in full each time.
    std::uint64_t intern(std::string_view name) {
        const auto found = names_.find(name);
        if (found != names_.end()) return found->second;
        if (name.empty() || names_.size() >= most_names) return 0;
        const std::uint64_t number = names_.size() + 1;
        names_.emplace(name, number);
        inner_.clear();
        inner_.number(1, number);  // EventName.iid
        inner_.text(2, name);      // .name
        Message interned;
        interned.text(2, inner_.bytes());  // InternedData.event_names
        packet_.text(packet::interned_data, interned.bytes());
        return number;
    }

    void write_packet() {
        inner_.clear();
        inner_.text(1, packet_.bytes());  // Trace.packet
        file_.append(inner_.bytes());
    }

    TraceFile file_;
    std::map<std::string, std::uint64_t, std::less<>> names_;
    Message packet_;
    Message body_;
    Message inner_;
};

}  // namespace

std::unique_ptr<TraceSink> perfetto_sink(const std::filesystem::path& file) {
    return std::make_unique<PerfettoSink>(file);
}

}  // namespace tilewright::detail
