// Prints what the benchmark computes on the host.
#include <stdio.h>

extern unsigned work(void);

int main(void) {
    printf("%u\n", work());
    return 0;
}
