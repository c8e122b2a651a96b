// Start-up code of every kernel: puts its globals in place, runs it, and ends it with `ecall`.
//
// The device starts the core here with the stack pointer at the top of local memory and all other
// registers zero.
#include <cstddef>
#include <cstdint>

namespace {

/// The address of a symbol of the linker script. The compiler must not reason that two symbols are
/// two objects, and so differ: an empty section begins where it ends.
template <typename T>
T* address_of(T* symbol) {
    asm("" : "+r"(symbol));
    return symbol;
}

template <typename T>
std::size_t bytes_between(T* begin, T* end) {
    return reinterpret_cast<std::uintptr_t>(address_of(end)) -
           reinterpret_cast<std::uintptr_t>(begin);
}

}  // namespace

extern "C" {

extern std::uint32_t tilewright_data_begin[];
extern std::uint32_t tilewright_data_end[];
extern const std::uint32_t tilewright_data_load[];
extern std::uint32_t tilewright_bss_begin[];
extern std::uint32_t tilewright_bss_end[];

using Initialiser = void (*)();
extern const Initialiser tilewright_init_begin[];
extern const Initialiser tilewright_init_end[];

void* memcpy(void* destination, const void* source, std::size_t count);
void* memset(void* destination, int value, std::size_t count);
void kernel_main();

[[gnu::used]] void tilewright_start() {
    std::uint32_t* data = address_of(tilewright_data_begin);
    memcpy(data, tilewright_data_load, bytes_between(data, tilewright_data_end));
    std::uint32_t* bss = address_of(tilewright_bss_begin);
    memset(bss, 0, bytes_between(bss, tilewright_bss_end));
    const Initialiser* last = address_of(tilewright_init_end);
    for (const Initialiser* run = address_of(tilewright_init_begin); run != last; ++run) (*run)();
    kernel_main();
}

/// The global pointer must not be relaxed against itself. a0 = 0 says that the kernel ended.
[[gnu::naked, gnu::section(".text.start")]] void _start() {
    asm(".option push\n"
        ".option norelax\n"
        "lui gp, %hi(__global_pointer$)\n"
        "addi gp, gp, %lo(__global_pointer$)\n"
        ".option pop\n"
        "call tilewright_start\n"
        "li a0, 0\n"
        "ecall\n"
        "ebreak\n");
}

/// Objects at namespace scope are never destroyed: the core simply stops.
int __cxa_atexit(void (*)(void*), void*, void*) {
    return 0;
}

[[noreturn]] void abort() {
    asm volatile("ebreak");
    __builtin_unreachable();
}

[[noreturn]] void __cxa_pure_virtual() {
    abort();
}
}

/// What the standard library calls where the standard would throw, for example in std::array::at:
/// once by the name of libc++, once by that of libstdc++.
[[noreturn]] void libcpp_verbose_abort(const char*,
                                       ...) asm("_ZNSt3__122__libcpp_verbose_abortEPKcz");
void libcpp_verbose_abort(const char*, ...) {
    abort();
}
[[noreturn]] void throw_out_of_range(const char*, ...) asm("_ZSt24__throw_out_of_range_fmtPKcz");
void throw_out_of_range(const char*, ...) {
    abort();
}
