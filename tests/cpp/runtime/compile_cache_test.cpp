// The cache of compiled results: entries come back whole or not at all.
#include "runtime/compile_cache.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/content_key.hpp"

namespace tilewright {
namespace {

namespace fs = std::filesystem;

class Cache : public testing::Test {
protected:
    Cache() : scratch(fs::temp_directory_path()), cache(scratch.path() / "cache") {}

    fs::path header(const std::string& text) const {
        fs::path path = scratch.path() / "header.hpp";
        std::ofstream(path) << text;
        return path;
    }
    fs::path only_file() const {
        fs::path found;
        for (const auto& entry : fs::recursive_directory_iterator(cache.folder()))
            if (entry.is_regular_file()) found = entry.path();
        return found;
    }

    ScratchFolder scratch;
    CompileCache cache;
    const std::string key = content_digest("a key");
};

TEST_F(Cache, GivesBackWhatWasStored) {
    EXPECT_FALSE(cache.find(key).has_value());
    const std::string bytes("\0binary\n12\n\xFF", 12);
    const fs::path file = header("text");
    cache.store(key, {{{file.string(), content_digest("text")}}, "some\noutput", bytes});
    const auto entry = cache.find(key);
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->result, bytes);
    EXPECT_EQ(entry->output, "some\noutput");
    ASSERT_EQ(entry->dependencies.size(), 1u);
    EXPECT_EQ(entry->dependencies[0].path, file.string());
    EXPECT_FALSE(cache.find(content_digest("another key")).has_value());
}

TEST_F(Cache, AnEntryWhoseDependencyChangedIsNone) {
    const fs::path file = header("text");
    cache.store(key, {{{file.string(), content_digest("text")}}, "", "result"});
    header("other");
    EXPECT_FALSE(cache.find(key).has_value());
    header("text");
    EXPECT_TRUE(cache.find(key).has_value());
    fs::remove(file);
    EXPECT_FALSE(cache.find(key).has_value());
}

TEST_F(Cache, NoDamagedEntryIsTakenForGood) {
    cache.store(key, {{}, "output", "result"});
    const fs::path file = only_file();
    const std::string good = read_file(file).value();
    const auto refused = [&](const std::string& bytes) {
        write_file_atomically(file, bytes);
        return !cache.find(key).has_value();
    };
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] ^= 1;
        EXPECT_TRUE(refused(bad)) << i;
        EXPECT_TRUE(refused(good.substr(0, i))) << i;
    }
    EXPECT_TRUE(refused(good + "x"));
    EXPECT_FALSE(refused(good));
}

TEST_F(Cache, TrimsWhatWasUsedLongestAgo) {
    const std::string result(10'000, 'x');
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < 10; ++i) {
        keys.push_back(content_digest("key " + std::to_string(i)));
        cache.store(keys.back(), {{}, "", result});
    }
    // Entry i was used i hours after a point in the past, but the first is found again today.
    const auto now = fs::file_time_type::clock::now();
    for (std::size_t i = 0; i < 10; ++i) {
        const fs::path file = cache.folder() / keys[i].substr(0, 2) / keys[i].substr(2);
        fs::last_write_time(file, now - std::chrono::hours(100 - i));
    }
    EXPECT_TRUE(cache.find(keys[0]).has_value());

    cache.trim(200'000);  // all have room
    for (const std::string& k : keys) EXPECT_TRUE(fs::exists(cache.folder() / k.substr(0, 2)));
    for (std::size_t i = 1; i < 10; ++i) {
        const fs::path file = cache.folder() / keys[i].substr(0, 2) / keys[i].substr(2);
        fs::last_write_time(file, now - std::chrono::hours(100 - i));
    }
    cache.trim(60'000);  // leaves four of a little over 10,000 bytes
    const auto left = [&](std::size_t i) { return cache.find(keys[i]).has_value(); };
    EXPECT_TRUE(left(0));
    for (std::size_t i = 1; i < 7; ++i) EXPECT_FALSE(left(i)) << i;
    for (std::size_t i = 7; i < 10; ++i) EXPECT_TRUE(left(i)) << i;
}

TEST_F(Cache, ScratchFoldersVanish) {
    fs::path path;
    {
        const ScratchFolder folder(scratch.path() / "work");
        path = folder.path();
        std::ofstream(path / "file") << "text";
        EXPECT_TRUE(fs::exists(path));
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST(ContentKeys, TellPartsApart) {
    EXPECT_NE(ContentKey().add("ab").add("c").digest(), ContentKey().add("a").add("bc").digest());
    EXPECT_NE(ContentKey().add("a").digest(), ContentKey().add("a").add("").digest());
    EXPECT_NE(ContentKey().add(std::vector<std::string>{"a", "b"}).digest(),
              ContentKey().add(std::vector<std::string>{"a"}).add("b").digest());
    // XXH3's published value for no input: its seed-0 128-bit hash.
    EXPECT_EQ(content_digest(""), "99aa06d3014798d86001c324468d497f");
}

}  // namespace
}  // namespace tilewright
