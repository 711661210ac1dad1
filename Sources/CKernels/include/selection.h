// Choosing elements by magnitude and by sign.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Counts the magnitudes of x by the upper 16 bits of their pattern, which grows with them.
void mgk_count_high(size_t n, const float *x, uint64_t *counts);
// Counts those whose upper bits are `high` by their lower 16 bits.
void mgk_count_low(size_t n, uint32_t high, const float *x, uint64_t *counts);
// How many magnitudes are exactly so large.
int64_t mgk_count_equal(size_t n, float magnitude, const float *x);
// Sets to 0 what is smaller in magnitude than the threshold. In place.
void mgk_trim(size_t n, float threshold, float *x);
// Sets to 0 what has another sign than the sum, or than `majority` where the sum is 0. In place.
void mgk_keep_sign(size_t n, float majority, const float *sum, float *x);
// Adds those elements of x that have the sign, which is positive where it is 0, to a sum, and `weight`
// to the sum of weights there.
void mgk_add_agreeing(size_t n, float weight, const float *restrict sign, const float *restrict x,
                      float *restrict sum, float *restrict weights);
// Sets x[i] to 0 unless a random number in [0, 1) is below p[i]; what stays is divided by p[i] if
// `rescaling`. In place. A number of a SplitMix64 generator in that state serves two elements: half
// i % 2 of number i / 2 belongs to i, which is counted from `-start`.
void mgk_drop(size_t n, uint64_t state, size_t start, int rescaling, const float *restrict p,
              float *restrict x);
// The sum of |x|.
double mgk_magnitude_sum(size_t n, const float *x);
// The sum of the signs of x.
int64_t mgk_sign_balance(size_t n, const float *x);
// How often both a and b are not 0, differ in sign, and are both at least so large: three counts.
void mgk_agreement(
    size_t n, const float *a, const float *b, float least_a, float least_b, int64_t *counts
);
