#include "CImages.h"
#include <string.h>

// One body, compiled for three instruction sets, as in CKernels; integers, so all give equal bits.
#if defined(__x86_64__) && defined(__linux__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

enum { PRECISION = 22, BLOCK = 64 };

static inline uint8_t rounded(int32_t sum) {
    int32_t value = sum >> PRECISION;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

typedef int32_t pixel __attribute__((vector_size(16)));
typedef uint8_t bytes __attribute__((vector_size(4)));

KERNEL void mgi_resample_rows(size_t height, size_t width, const uint8_t *source,
                              mgi_weights weights, uint8_t *scratch, uint8_t *target) {
    for (size_t y = 0; y < height; y++) {
        // A fourth byte makes a pixel a vector of its own that can be loaded at once.
        for (size_t x = 0; x < width; x++) {
            for (size_t channel = 0; channel < 3; channel++) {
                scratch[4 * x + channel] = source[3 * x + channel];
            }
            scratch[4 * x + 3] = 0;
        }
        for (size_t x = 0; x < weights.outputs; x++) {
            const int32_t *factors = weights.weights + x * weights.taps;
            const uint8_t *first = scratch + 4 * (size_t)weights.starts[x];
            pixel sum = {0, 0, 0, 0};
            sum += 1 << (PRECISION - 1);
            for (int32_t k = 0; k < weights.counts[x]; k++) {
                bytes input;
                memcpy(&input, first + 4 * k, sizeof input);
                sum += __builtin_convertvector(input, pixel) * factors[k];
            }
            for (size_t channel = 0; channel < 3; channel++) {
                target[3 * x + channel] = rounded(sum[channel]);
            }
        }
        source += 3 * width;
        target += 3 * weights.outputs;
    }
}

KERNEL void mgi_resample_columns(size_t row, const uint8_t *source, mgi_weights weights,
                                 uint8_t *target) {
    for (size_t y = 0; y < weights.outputs; y++) {
        const int32_t *factors = weights.weights + y * weights.taps;
        const uint8_t *first = source + row * (size_t)weights.starts[y];
        // A block of sums stays in registers while the inputs pass by.
        for (size_t x = 0; x < row; x += BLOCK) {
            size_t count = row - x < BLOCK ? row - x : BLOCK;
            int32_t sums[BLOCK];
            for (size_t i = 0; i < BLOCK; i++) sums[i] = 1 << (PRECISION - 1);
            for (int32_t k = 0; k < weights.counts[y]; k++) {
                const uint8_t *input = first + row * (size_t)k + x;
                int32_t factor = factors[k];
                if (count == BLOCK) {
                    for (size_t i = 0; i < BLOCK; i++) sums[i] += input[i] * factor;
                } else {
                    for (size_t i = 0; i < count; i++) sums[i] += input[i] * factor;
                }
            }
            for (size_t i = 0; i < count; i++) target[x + i] = rounded(sums[i]);
        }
        target += row;
    }
}
