// An interpreter of bytecode: a dispatch through a jump table for every few instructions.
enum op { push, add, subtract, duplicate, swap, store, load, jump_if, end };

static const signed char program[] = {
    push, 0,    store,     0,                              // sum = 0
    load, 1,    load,      0,        add,       store, 0,  // sum += count
    load, 0,    duplicate, add,      load,      1,     swap, subtract, store, 0,   load,
    1,    push, 1,         subtract, duplicate, store, 1,    jump_if,  -27,   end,
};

static unsigned interpret(unsigned count) {
    unsigned stack[16];
    unsigned variables[2] = {0, count};
    unsigned* top = stack;
    for (const signed char* at = program;;) {
        switch (*at++) {
            case push:
                *top++ = (unsigned)*at++;
                break;
            case add:
                --top;
                top[-1] += *top;
                break;
            case subtract:
                --top;
                top[-1] -= *top;
                break;
            case duplicate:
                *top = top[-1];
                ++top;
                break;
            case swap: {
                const unsigned kept = top[-1];
                top[-1] = top[-2];
                top[-2] = kept;
                break;
            }
            case store:
                variables[*at++] = *--top;
                break;
            case load:
                *top++ = variables[*at++];
                break;
            case jump_if: {
                const int distance = *at++;
                if (*--top) at += distance;
                break;
            }
            default:
                return variables[0];
        }
    }
}

unsigned work(void) {
    return interpret(200000);
}
