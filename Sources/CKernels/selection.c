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

// Most groups of elements have none in the bin: that is seen at once.
enum { group = 32 };

INLINE uint32_t are_in_bin(uint32_t high, const float *x) {
    uint32_t mask = 0;
    for (uint32_t j = 0; j < group; j++)
        mask |= (uint32_t)(magnitude_bits(x[j]) >> 16 == high) << j;
    return mask;
}

KERNEL void mgk_count_low(size_t n, uint32_t high, const float *x, uint64_t *counts) {
    size_t i = 0;
    for (; i + group <= n; i += group)
        for (uint32_t mask = are_in_bin(high, x + i); mask != 0; mask &= mask - 1)
            counts[magnitude_bits(x[i + (size_t)__builtin_ctz(mask)]) & 0xFFFF]++;
    for (; i < n; i++)
        if (magnitude_bits(x[i]) >> 16 == high) counts[magnitude_bits(x[i]) & 0xFFFF]++;
}

KERNEL int64_t mgk_count_equal(size_t n, float magnitude, const float *x) {
    int64_t count = 0;
    for (size_t i = 0; i < n; i++) count += fabsf(x[i]) == magnitude;
    return count;
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

KERNEL void mgk_add_agreeing(size_t n, float weight, const float *restrict sign,
                             const float *restrict x, float *restrict sum,
                             float *restrict weights) {
    for (size_t i = 0; i < n; i++) {
        int agrees = sign[i] >= 0 ? x[i] > 0 : x[i] < 0;
        sum[i] += agrees ? x[i] : 0;
        weights[i] += agrees ? weight : 0;
    }
}

// The generator adds a constant to its state for every number, so any of them is reached at once.
INLINE uint64_t split_mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// Products of 64 bits are what takes time here, and wide vectors compute more of them at once.
WIDE KERNEL void mgk_drop(size_t n, uint64_t state, size_t start, int rescaling,
                          const float *restrict p, float *restrict x) {
    enum { draws = 64 };
    for (size_t i = 0; i < n;) {
        size_t first = (start + i) / 2, skipped = (start + i) % 2, count = 2 * draws - skipped;
        if (count > n - i) count = n - i;
        uint64_t drawn[draws];
        for (size_t j = 0; j < draws; j++)
            drawn[j] = split_mix(state + (first + j + 1) * 0x9E3779B97F4A7C15u);
        uint32_t halves[2 * draws];
        memcpy(halves, drawn, sizeof drawn);
        for (size_t j = 0; j < count; j++) {
            float uniform = (float)(int32_t)(halves[skipped + j] >> 8) * 0x1p-24f;
            float kept = rescaling ? x[i + j] / p[i + j] : x[i + j];
            x[i + j] = uniform < p[i + j] ? kept : 0;
        }
        i += count;
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
