// What keeps borrowed memory of the host alive.
#pragma once

#include <functional>
#include <memory>

namespace tt::tt_metal {

class MemoryPin {
public:
    MemoryPin() = default;
    MemoryPin(std::shared_ptr<void> resource) : resource_(std::move(resource)) {}
    MemoryPin(const std::function<void()>& increment, std::function<void()> decrement) {
        increment();
        resource_ = std::shared_ptr<void>(nullptr, [end = std::move(decrement)](void*) { end(); });
    }
    const std::shared_ptr<void>& resource() const { return resource_; }
    bool operator==(std::nullptr_t) const { return resource_ == nullptr; }

private:
    std::shared_ptr<void> resource_;
};

}  // namespace tt::tt_metal
