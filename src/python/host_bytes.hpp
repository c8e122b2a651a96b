// Memory of a Python object, reached through the buffer protocol for as long as this lives.
#pragma once

#include <nanobind/nanobind.h>

#include <cstddef>
#include <span>

namespace tilewright::python {

class HostBytes {
public:
    enum class Access { read, write };

    HostBytes(nanobind::handle object, Access access) {
        const int flags = access == Access::write ? PyBUF_WRITABLE : PyBUF_SIMPLE;
        if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) throw nanobind::python_error();
    }
    ~HostBytes() { PyBuffer_Release(&view_); }
    HostBytes(const HostBytes&) = delete;
    HostBytes& operator=(const HostBytes&) = delete;

    std::span<std::byte> span() const {
        return {static_cast<std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
    }

private:
    Py_buffer view_{};
};

}  // namespace tilewright::python
