// XXH3's 128-bit variant: fast, and wide enough that distinct contents do not meet by chance.
#include "runtime/content_key.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tilewright {

ContentKey& ContentKey::add(std::string_view part) {
    parts_ += std::to_string(part.size());
    parts_ += ':';
    parts_ += part;
    return *this;
}

ContentKey& ContentKey::add(const std::vector<std::string>& parts) {
    add(std::to_string(parts.size()));
    for (const std::string& part : parts) add(part);
    return *this;
}

std::string ContentKey::digest() const {
    return content_digest(parts_);
}

std::string content_digest(std::string_view text) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(text.data(), text.size()));
    constexpr char digits[] = "0123456789abcdef";
    std::string result;
    for (const unsigned char byte : canonical.digest) {
        result += digits[byte >> 4];
        result += digits[byte & 0xF];
    }
    return result;
}

}  // namespace tilewright
