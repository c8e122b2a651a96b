// Chrome's trace event format: one JSON array of events. Larger and slower to open than Perfetto's
// own, but anything reads it.
#include <cstdio>

#include "trace/sink.hpp"

namespace tilewright::detail {
namespace {

// Times are in microseconds; a cycle is a nanosecond.
std::string time_text(std::uint64_t cycle) {
    char text[40];
    std::snprintf(text, sizeof text, "%llu.%03llu", static_cast<unsigned long long>(cycle / 1000),
                  static_cast<unsigned long long>(cycle % 1000));
    return text;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result.push_back('\\');
            result.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
            result += code;
        } else {
            result.push_back(c);
        }
    }
    return result + "\"";
}

class ChromeSink final : public TraceSink {
public:
    explicit ChromeSink(const std::filesystem::path& file) : file_(file) {
        file_.append("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    }

    void group(std::uint32_t number, std::string_view name) override {
        put("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":" + std::to_string(number) +
            ",\"args\":{\"name\":" + quoted(name) + "}}");
    }
    void track(std::uint32_t number, std::uint32_t group, std::string_view name) override {
        put("{\"ph\":\"M\",\"name\":\"thread_name\"," + place(group, number) +
            ",\"args\":{\"name\":" + quoted(name) + "}}");
    }

    void event(const TraceEvent& e) override {
        const char* phase = "i";
        if (e.kind == TraceEvent::Kind::begin) phase = "B";
        if (e.kind == TraceEvent::Kind::end) phase = "E";
        const std::string at = place(e.group, e.track) + ",\"ts\":" + time_text(e.cycle);
        std::string text = std::string("{\"ph\":\"") + phase + "\"," + at;
        if (e.kind == TraceEvent::Kind::instant) text += ",\"s\":\"t\"";
        if (!e.name.empty()) text += ",\"name\":" + quoted(e.name);
        if (e.has_details) {
            text += ",\"args\":{\"address\":" + std::to_string(e.address) +
                    ",\"bytes\":" + std::to_string(e.bytes) + "}";
        }
        put(text + "}");
        if (e.flow_from != 0) arrow("\"ph\":\"s\"", e.flow_from, at);
        if (e.flow_to != 0) arrow("\"ph\":\"f\",\"bp\":\"e\"", e.flow_to, at);
    }

    void finish() override {
        if (!finished_) file_.append("\n]}\n");
        finished_ = true;
        file_.close();
    }

private:
    static std::string place(std::uint32_t group, std::uint32_t track) {
        return "\"pid\":" + std::to_string(group) + ",\"tid\":" + std::to_string(track);
    }
    void arrow(const std::string& phase, std::uint64_t number, const std::string& at) {
        put("{" + phase + ",\"cat\":\"transfer\",\"name\":\"transfer\",\"id\":" +
            std::to_string(number) + "," + at + "}");
    }
    void put(const std::string& text) {
        file_.append(first_ ? "\n" : ",\n");
        file_.append(text);
        first_ = false;
    }

    TraceFile file_;
    bool first_ = true;
    bool finished_ = false;
};

}  // namespace

std::unique_ptr<TraceSink> chrome_sink(const std::filesystem::path& file) {
    return std::make_unique<ChromeSink>(file);
}

}  // namespace tilewright::detail
