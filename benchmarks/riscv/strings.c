// Text: making it, searching it, hashing its words.
enum { bytes = 20000, rounds = 20 };

static char text[bytes + 1];
static unsigned short buckets[1024];

static int find(const char* in, const char* what) {
    int found = 0;
    for (; *in; ++in) {
        const char* a = in;
        const char* b = what;
        while (*b && *a == *b) {
            ++a;
            ++b;
        }
        found += !*b;
    }
    return found;
}

unsigned work(void) {
    unsigned random = 7;
    unsigned sum = 0;
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < bytes; ++i) {
            random = random * 1103515245u + 12345u;
            const unsigned letter = random >> 16 & 15;
            text[i] = letter < 2 ? ' ' : (char)('a' + letter);
        }
        sum += (unsigned)find(text, "de") * 3 + (unsigned)find(text, " k");
        unsigned hash = 2166136261u;
        for (const char* at = text; *at; ++at) {
            if (*at == ' ') {
                sum += ++buckets[hash & 1023];
                hash = 2166136261u;
            } else {
                hash = (hash ^ (unsigned char)*at) * 16777619u;
            }
        }
    }
    return sum;
}
