// Start and end of a benchmark without a system below: main's result is compared with EXPECTED,
// which is what the same source gives on the host. With -DLINUX the end is a system call, for
// emulators of user programs.
extern unsigned work(void);

#ifdef LINUX
static void finish(unsigned code) {
    register unsigned a0 __asm__("a0") = code;
    register unsigned a7 __asm__("a7") = 93;
    __asm__ volatile("ecall" : : "r"(a0), "r"(a7));
    for (;;) {
    }
}
#else
volatile unsigned tohost[2] __attribute__((section(".tohost")));
static void finish(unsigned code) {
    tohost[0] = code << 1 | 1;
    for (;;) {
    }
}
#endif

static char stack[65536] __attribute__((aligned(16), used));

__attribute__((used)) void run(void) {
    finish(work() == EXPECTED ? 0 : 1);
}

__attribute__((naked, used, section(".text.start"))) void _start(void) {
    __asm__ volatile("la sp, stack + 65536\n j run\n");
}

// What compilers call for loops that they recognise.
void* memset(void* to, int value, unsigned long bytes) {
    for (volatile char* at = to; bytes > 0; --bytes) *at++ = (char)value;
    return to;
}
void* memcpy(void* restrict to, const void* restrict from, unsigned long bytes) {
    volatile char* out = to;
    for (const char* in = from; bytes > 0; --bytes) *out++ = *in++;
    return to;
}
