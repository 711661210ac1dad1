#include "CKernels.h"
#include "kernels.h"

INLINE uint32_t magnitude_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits & 0x7FFFFFFF;
}

void mgk_count_high(size_t n, const float *x, uint64_t *counts) {
    for (size_t i = 0; i < n; i++) counts[magnitude_bits(x[i]) >> 16]++;
}

void mgk_count_low(size_t n, uint32_t high, const float *x, uint64_t *counts) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = magnitude_bits(x[i]);
        if (bits >> 16 == high) counts[bits & 0xFFFF]++;
    }
}

KERNEL void mgk_trim(size_t n, float threshold, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = fabsf(x[i]) >= threshold ? x[i] : 0;
}

KERNEL void mgk_keep_sign(size_t n, float majority, const float *sum, float *x) {
    for (size_t i = 0; i < n; i++) {
        float sign = sum[i] == 0 ? majority : sum[i];
        x[i] = (x[i] > 0 && sign > 0) || (x[i] < 0 && sign < 0) ? x[i] : 0;
    }
}

// The generator adds a constant to its state for every number, so any of them is reached at once.
INLINE uint64_t split_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

KERNEL void mgk_drop(size_t n, uint64_t state, int rescaling, const float *p, float *x) {
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = split_mix(state + (i + 1) * 0x9E3779B97F4A7C15u);
        float uniform = (float)(uint32_t)(bits >> 40) * 0x1p-24f;
        float kept = rescaling ? x[i] / p[i] : x[i];
        x[i] = uniform < p[i] ? kept : 0;
    }
}

KERNEL double mgk_magnitude_sum(size_t n, const float *x) {
    REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)fabsf(x[i]);
    return sum;
}

KERNEL int64_t mgk_sign_balance(size_t n, const float *x) {
    int64_t balance = 0;
    for (size_t i = 0; i < n; i++) balance += (x[i] > 0) - (x[i] < 0);
    return balance;
}

KERNEL void mgk_agreement(
    size_t n, const float *a, const float *b, float least_a, float least_b, int64_t *counts
) {
    int64_t shared = 0, conflicts = 0, large = 0;
    for (size_t i = 0; i < n; i++) {
        int both = (a[i] != 0) & (b[i] != 0);
        shared += both;
        conflicts += both & ((a[i] < 0) != (b[i] < 0));
        large += both & (fabsf(a[i]) >= least_a) & (fabsf(b[i]) >= least_b);
    }
    counts[0] = shared;
    counts[1] = conflicts;
    counts[2] = large;
}
