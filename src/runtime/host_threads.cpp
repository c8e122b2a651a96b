#include "runtime/host_threads.hpp"

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tilewright/base/error.hpp"
#include "tilewright/base/work_pool.hpp"

namespace tilewright::detail {

std::uint32_t default_threads() {
    const char* const value = std::getenv("TILEWRIGHT_THREADS");
    const std::string_view text = value != nullptr ? value : "";
    if (text.empty()) return 1;
    std::uint32_t threads = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), threads);
    if (error == std::errc() && end == text.end() && threads >= 1 &&
        threads <= WorkPool::most_threads) {
        return threads;
    }
    throw ConfigError("TILEWRIGHT_THREADS is \"" + std::string(text) + "\"; expected 1 to " +
                      std::to_string(WorkPool::most_threads));
}

}  // namespace tilewright::detail
