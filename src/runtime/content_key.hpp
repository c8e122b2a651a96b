// Keys by content: 128 bits over a list of texts, as 32 hexadecimal digits.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tilewright {

/// Collects what a result depends on. Each part is told apart from its neighbours.
class ContentKey {
public:
    ContentKey& add(std::string_view part);
    ContentKey& add(const std::vector<std::string>& parts);
    std::string digest() const;

private:
    std::string parts_;
};

/// The key of one text alone.
std::string content_digest(std::string_view text);

}  // namespace tilewright
