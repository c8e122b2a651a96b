// A folder of results by content. Several processes may use one folder at once.
//
// An entry is one file that is named by its key and holds the result, the text the compiler
// printed, and the further files the result depends on with the key of their content. It is written
// under another name and then renamed, so nobody sees half of one; a checksum finds those that a
// disk or a full file system damaged. Whatever is wrong with an entry, it then simply is not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tilewright/runtime/compile_error.hpp"

namespace tilewright {

/// The text of a whole file; nothing if it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& path);

/// Writes a file so that others see the old content or the new, nothing between. CompileError if
/// it cannot be written.
void write_file_atomically(const std::filesystem::path& path, const std::string& content);

/// A folder that exists as long as this object.
class ScratchFolder {
public:
    /// In `parent`, which is made if it is missing. CompileError if that fails.
    explicit ScratchFolder(const std::filesystem::path& parent);
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct CacheEntry {
    struct Dependency {
        std::string path;
        std::string digest;  ///< content_digest of the file
    };
    std::vector<Dependency> dependencies;
    std::string output;
    std::string result;
};

class CompileCache {
public:
    explicit CompileCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

    const std::filesystem::path& folder() const { return folder_; }
    /// The entry, if it is whole and all that it depends on is as it was.
    std::optional<CacheEntry> find(const std::string& key) const;
    void store(const std::string& key, const CacheEntry& entry) const;
    void remove(const std::string& key) const;  ///< harmless if it is not there
    /// If all entries together are larger than this, removes those that were stored or found
    /// longest ago until a quarter of it is free.
    void trim(std::uint64_t most_bytes) const;

private:
    std::filesystem::path path_of(const std::string& key) const;
    std::filesystem::path folder_;
};

}  // namespace tilewright
