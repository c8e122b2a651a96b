// Entries as text lines for the dependencies, then the two blobs, with a digest over all in front.
#include "runtime/compile_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <system_error>

#include "runtime/content_key.hpp"
#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

constexpr std::size_t group_letters = 2;  // of a key name the folder that its entry is in
constexpr std::string_view magic = "tilewright compile cache 1\n";

void put(std::string& to, std::string_view part) {
    to += std::to_string(part.size());
    to += '\n';
    to += part;
}

/// The next part of an entry, or nothing if the text is not one.
std::optional<std::string_view> get(std::string_view& from) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), size);
    if (error != std::errc{}) return std::nullopt;
    from.remove_prefix(static_cast<std::size_t>(end - from.data()));
    if (!from.starts_with('\n') || from.size() - 1 < size) return std::nullopt;
    const std::string_view part = from.substr(1, size);
    from.remove_prefix(1 + size);
    return part;
}

std::optional<CacheEntry> parse(std::string_view text) {
    if (!text.starts_with(magic)) return std::nullopt;
    text.remove_prefix(magic.size());
    const auto digest = get(text);
    if (!digest || content_digest(text) != *digest) return std::nullopt;
    CacheEntry entry;
    const auto output = get(text);
    const auto result = get(text);
    if (!output || !result) return std::nullopt;
    entry.output = *output;
    entry.result = *result;
    while (!text.empty()) {
        const auto path = get(text);
        const auto content = get(text);
        if (!path || !content) return std::nullopt;
        entry.dependencies.push_back({std::string(*path), std::string(*content)});
    }
    return entry;
}

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path,
                       const std::error_code& reason = {errno, std::generic_category()}) {
    throw CompileError(what + " " + path.string() + ": " + reason.message() +
                       "; TILEWRIGHT_CACHE can name another folder for compiled kernels");
}

void make_folder(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) fail("cannot make the folder", path, error);
}

}  // namespace

// A look-up reads some forty headers, so this does no more than it must.
std::optional<std::string> read_file(const std::filesystem::path& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    struct stat status {};
    std::optional<std::string> text;
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        text.emplace(static_cast<std::size_t>(status.st_size), '\0');
        std::size_t done = 0;
        while (done < text->size()) {
            const ssize_t part = ::read(file, text->data() + done, text->size() - done);
            if (part < 0 && errno == EINTR) continue;
            if (part <= 0) break;
            done += static_cast<std::size_t>(part);
        }
        if (done != text->size()) text.reset();
    }
    close(file);
    return text;
}

void write_file_atomically(const std::filesystem::path& path, const std::string& content) {
    if (path.has_parent_path()) make_folder(path.parent_path());
    std::string temporary = path.string() + ".XXXXXX";
    const int file = mkstemp(temporary.data());
    if (file < 0) fail("cannot write", path);
    std::string_view rest = content;
    while (!rest.empty()) {
        const ssize_t written = ::write(file, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    // mkstemp makes files private; results may be shared like any other file.
    const bool closed = fchmod(file, 0644) == 0 && close(file) == 0;
    if (!rest.empty() || !closed || std::rename(temporary.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        unlink(temporary.c_str());
        errno = reason;
        fail("cannot write", path);
    }
}

ScratchFolder::ScratchFolder(const std::filesystem::path& parent) {
    make_folder(parent);
    std::string name = (parent / "work.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) fail("cannot make a folder in", parent);
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
}

std::filesystem::path CompileCache::path_of(const std::string& key) const {
    return folder_ / key.substr(0, group_letters) / key.substr(group_letters);
}

std::optional<CacheEntry> CompileCache::find(const std::string& key) const {
    const auto text = read_file(path_of(key));
    if (!text) return std::nullopt;
    auto entry = parse(*text);
    if (!entry) return std::nullopt;
    for (const CacheEntry::Dependency& d : entry->dependencies) {
        const auto content = read_file(d.path);
        if (!content || content_digest(*content) != d.digest) return std::nullopt;
    }
    std::error_code error;  // a folder that is read-only serves as well
    std::filesystem::last_write_time(path_of(key), std::filesystem::file_time_type::clock::now(),
                                     error);
    return entry;
}

// Another process may store, find and trim at the same time: what has gone meanwhile is no matter.
void CompileCache::trim(std::uint64_t most_bytes) const {
    namespace fs = std::filesystem;
    struct File {
        fs::file_time_type used;
        std::uint64_t bytes;
        fs::path path;
    };
    std::vector<File> files;
    std::uint64_t total = 0;
    std::error_code error;
    for (fs::directory_iterator group(folder_, error), end; !error && group != end;
         group.increment(error)) {
        if (group->path().filename().string().size() != group_letters) continue;
        std::error_code gone;
        for (fs::directory_iterator file(group->path(), gone); !gone && file != end;
             file.increment(gone)) {
            const std::uint64_t bytes = file->file_size(error);
            const fs::file_time_type used = file->last_write_time(error);
            if (error) continue;
            files.push_back({used, bytes, file->path()});
            total += bytes;
        }
    }
    if (total <= most_bytes) return;
    std::ranges::sort(files, {}, &File::used);
    for (const File& file : files) {
        if (total <= most_bytes / 4 * 3) return;
        fs::remove(file.path, error);
        total -= file.bytes;
    }
}

void CompileCache::store(const std::string& key, const CacheEntry& entry) const {
    std::string body;
    put(body, entry.output);
    put(body, entry.result);
    for (const CacheEntry::Dependency& d : entry.dependencies) {
        put(body, d.path);
        put(body, d.digest);
    }
    std::string text(magic);
    put(text, content_digest(body));
    write_file_atomically(path_of(key), text + body);
}

void CompileCache::remove(const std::string& key) const {
    std::error_code error;
    std::filesystem::remove(path_of(key), error);
}

}  // namespace tilewright
