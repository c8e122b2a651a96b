/* Empty tasks of a random graph in StarPU, on one processor: each after one to three of the 200
 * before it, as in benchmarks/graph.cpp. Prints the seconds from the first task's submission to the
 * last one's end.
 *
 *     cc -O2 starpu_tasks.c $(pkg-config --cflags --libs starpu-1.3) && ./a.out 10000
 */
#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void nothing(void* buffers[], void* argument) {
    (void)buffers;
    (void)argument;
}

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char** argv) {
    const unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 10000;
    struct starpu_conf conf;
    starpu_conf_init(&conf);
    conf.ncpus = 1;
    conf.ncuda = conf.nopencl = 0;
    if (starpu_init(&conf) != 0) return 1;
    struct starpu_codelet codelet = {.cpu_funcs = {nothing}, .nbuffers = 0};
    struct starpu_task** tasks = calloc(count, sizeof *tasks);
    srand(1);
    const double begin = processor_seconds();
    for (unsigned t = 0; t < count; ++t) {
        tasks[t] = starpu_task_create();
        tasks[t]->cl = &codelet;
        tasks[t]->destroy = 0;
        struct starpu_task* before[3];
        unsigned edges = 0;
        if (t > 0) {
            const unsigned most = t < 200 ? t : 200;
            for (unsigned wanted = 1 + (unsigned)rand() % 3; edges < wanted; ++edges) {
                before[edges] = tasks[t - 1 - (unsigned)rand() % most];
            }
        }
        starpu_task_declare_deps_array(tasks[t], edges, before);
        if (starpu_task_submit(tasks[t]) != 0) return 1;
    }
    starpu_task_wait_for_all();
    printf("%g\n", processor_seconds() - begin);
    for (unsigned t = 0; t < count; ++t) starpu_task_destroy(tasks[t]);
    free(tasks);
    starpu_shutdown();
    return 0;
}
