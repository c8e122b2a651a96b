// A program: kernels with their arguments, circular buffers and semaphores, on cores of one chip.
#pragma once

#include <cstdint>
#include <memory>

namespace tt::tt_metal {

namespace detail {
struct ProgramState;
}

class Program {
public:
    Program();
    Program(Program&&) noexcept;
    Program& operator=(Program&&) noexcept;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    void set_runtime_id(std::uint64_t id);
    std::uint64_t get_runtime_id() const;

    /// Throws std::runtime_error if the program was moved away.
    detail::ProgramState& state() const;

private:
    std::unique_ptr<detail::ProgramState> state_;
};

}  // namespace tt::tt_metal
