#define _GNU_SOURCE
#include "CKernels.h"
#include <limits.h>
#include <malloc.h>
#include <sched.h>

int mgk_processor_count(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set) > 0 ? CPU_COUNT(&set) : 1;
}

void mgk_keep_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_TOP_PAD, 16 << 20);
    // What one thread frees serves any other; threads take large blocks too rarely to wait.
    mallopt(M_ARENA_MAX, 1);
}
