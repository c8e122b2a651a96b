// Integer work of several kinds: sorting a linked list, a state machine over text, a CRC over all.
enum { nodes = 256, rounds = 400 };

struct node {
    struct node* next;
    unsigned key;
};

static struct node pool[nodes];

static unsigned crc(unsigned sum, unsigned value) {
    for (int bit = 0; bit < 16; ++bit) {
        const unsigned odd = (sum ^ value) & 1;
        sum >>= 1;
        value >>= 1;
        if (odd) sum ^= 0xA001;
    }
    return sum;
}

/// Merge sort, bottom up, by the key.
static struct node* sort(struct node* list) {
    for (unsigned length = 1;; length *= 2) {
        struct node* rest = list;
        struct node** end = &list;
        unsigned merges = 0;
        while (rest) {
            ++merges;
            struct node* left = rest;
            unsigned left_count = 0;
            while (left_count < length && rest) {
                ++left_count;
                rest = rest->next;
            }
            unsigned right_count = length;
            while (left_count > 0 || (right_count > 0 && rest)) {
                struct node* taken;
                if (left_count > 0 && (right_count == 0 || !rest || left->key <= rest->key)) {
                    taken = left;
                    left = left->next;
                    --left_count;
                } else {
                    taken = rest;
                    rest = rest->next;
                    --right_count;
                }
                *end = taken;
                end = &taken->next;
            }
        }
        *end = 0;
        if (merges <= 1) return list;
    }
}

enum state { blank, number, word, wrong };

static unsigned scan(const char* text) {
    unsigned changes = 0;
    enum state now = blank;
    for (; *text; ++text) {
        const char c = *text;
        enum state next = wrong;
        if (c == ' ' || c == ',') {
            next = blank;
        } else if (c >= '0' && c <= '9') {
            next = now == word ? word : number;
        } else if ((c | 32) >= 'a' && (c | 32) <= 'z') {
            next = now == number ? wrong : word;
        }
        changes += next != now;
        now = next;
    }
    return changes;
}

unsigned work(void) {
    unsigned sum = 0;
    unsigned random = 1;
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < nodes; ++i) {
            random = random * 1664525u + 1013904223u;
            pool[i].key = random >> 16;
            pool[i].next = i + 1 < nodes ? &pool[i + 1] : 0;
        }
        for (const struct node* n = sort(pool); n; n = n->next) sum = crc(sum, n->key);
        sum = crc(sum, scan("17 apples, 4x4 cars, 1024 words and x86, 3,14 of 42nd street"));
    }
    return sum;
}
