// Memory of the host, owned or borrowed.
#pragma once

#include <cstddef>
#include <memory>
#include <tt-metalium/memory_pin.hpp>
#include <tt_stl/span.hpp>
#include <utility>
#include <vector>

namespace tt::tt_metal {

class HostBuffer {
public:
    HostBuffer() = default;
    template <class T>
    explicit HostBuffer(const std::shared_ptr<std::vector<T>>& data)
        : pin_(std::shared_ptr<void>(data)), view_(std::as_writable_bytes(std::span(*data))) {}
    template <class T>
    explicit HostBuffer(std::vector<T>&& data)
        : HostBuffer(std::make_shared<std::vector<T>>(std::move(data))) {}
    template <class T>
    explicit HostBuffer(const std::vector<T>& data)
        : HostBuffer(std::make_shared<std::vector<T>>(data)) {}
    template <class T>
    HostBuffer(tt::stl::Span<T> borrowed, MemoryPin pin)
        : pin_(std::move(pin)), view_(std::as_writable_bytes(borrowed)) {}

    tt::stl::Span<std::byte> view_bytes() { return view_; }
    tt::stl::Span<const std::byte> view_bytes() const { return view_; }
    template <class T>
    tt::stl::Span<T> view_as() {
        return {reinterpret_cast<T*>(view_.data()), view_.size() / sizeof(T)};
    }
    const MemoryPin& pin() const { return pin_; }

private:
    MemoryPin pin_;
    std::span<std::byte> view_;
};

}  // namespace tt::tt_metal
