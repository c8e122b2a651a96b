// Records, calls and branches, in the manner of old system programs: small functions over
// structures.
enum { rounds = 100000 };

struct record {
    struct record* other;
    int kind;
    int value;
    char name[32];
};

static struct record first, second;
static int table[50];

__attribute__((noinline)) static int same(const char* a, const char* b) {
    while (*a && *a == *b) {
        ++a;
        ++b;
    }
    return *a == *b;
}

__attribute__((noinline)) static void copy(char* to, const char* from) {
    while ((*to++ = *from++)) {
    }
}

__attribute__((noinline)) static int step(struct record* r, int round) {
    struct record* next = r->other;
    next->value = r->value + (round & 7);
    next->kind = r->kind == 2 ? 0 : r->kind + 1;
    switch (next->kind) {
        case 0:
            copy(next->name, "A RECORD, SOME TEXT");
            break;
        case 1:
            copy(next->name, "A RECORD, NEXT TEXT");
            break;
        default:
            next->value /= 3;
    }
    return same(r->name, next->name);
}

unsigned work(void) {
    unsigned sum = 0;
    first.other = &second;
    second.other = &first;
    struct record* r = &first;
    for (int round = 0; round < rounds; ++round) {
        sum = sum * 5 + (unsigned)step(r, round);
        table[round % 50] += r->value;
        sum += (unsigned)table[(round * 7) % 50];
        r = r->other;
    }
    return sum;
}
