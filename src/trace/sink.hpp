// A format that timelines are written in: tracks in groups, and events on them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tilewright::detail {

struct TraceEvent {
    enum class Kind : std::uint8_t { begin, end, instant } kind = Kind::begin;
    std::uint32_t track = 0;
    std::uint32_t group = 0;  ///< of the track
    std::uint64_t cycle = 0;
    std::string_view name{};
    std::uint64_t flow_from = 0;  ///< number of the arrow that starts here; 0: none
    std::uint64_t flow_to = 0;    ///< number of the arrow that ends here; 0: none
    bool has_details = false;     ///< the two that follow are meant
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
};

class TraceSink {
public:
    virtual ~TraceSink() = default;
    /// Numbers count from 1; those of groups and tracks are apart.
    virtual void group(std::uint32_t number, std::string_view name) = 0;
    virtual void track(std::uint32_t number, std::uint32_t group, std::string_view name) = 0;
    virtual void event(const TraceEvent& event) = 0;
    /// Completes the file. FileError if it could not be written in full.
    virtual void finish() = 0;
};

std::unique_ptr<TraceSink> perfetto_sink(const std::filesystem::path& file);
std::unique_ptr<TraceSink> chrome_sink(const std::filesystem::path& file);

/// A file that is written in large pieces.
class TraceFile {
public:
    /// FileError if it cannot be opened.
    explicit TraceFile(const std::filesystem::path& path);
    void append(std::string_view bytes) {
        buffer_ += bytes;
        if (buffer_.size() >= piece) flush();
    }
    /// FileError if anything could not be written. Harmless when done twice.
    void close();

private:
    static constexpr std::size_t piece = 1 << 16;
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    void flush();

    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Closer> file_;
    std::string buffer_;
    bool failed_ = false;
};

}  // namespace tilewright::detail
