// Products of square matrices of integers.
enum { size = 96, rounds = 6 };

static int a[size][size], b[size][size], c[size][size];

unsigned work(void) {
    unsigned sum = 0;
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < size; ++i) {
            for (int j = 0; j < size; ++j) {
                a[i][j] = i * 3 + j + round;
                b[i][j] = i - j * 2;
            }
        }
        for (int i = 0; i < size; ++i) {
            for (int j = 0; j < size; ++j) {
                int total = 0;
                for (int k = 0; k < size; ++k) total += a[i][k] * b[k][j];
                c[i][j] = total;
                sum = sum * 31 + (unsigned)total;
            }
        }
    }
    return sum + (unsigned)c[5][7];
}
