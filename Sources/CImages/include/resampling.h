// Weighted sums of 8-bit RGB pixels along one axis, in Pillow's fixed-point arithmetic.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Output i sums `counts[i]` inputs from `starts[i]` on, with the weights from `weights + i * taps`
// in units of 2^-22; their absolute sum is below 2, so that 32 bits hold every sum.
typedef struct mgi_weights {
    size_t outputs;
    size_t taps;
    const int32_t *starts;
    const int32_t *counts;
    const int32_t *weights;
} mgi_weights;

// [height, width, 3] to [height, outputs, 3]. `scratch` has 4 * width bytes.
void mgi_resample_rows(size_t height, size_t width, const uint8_t *source, mgi_weights weights,
                       uint8_t *scratch, uint8_t *target);
// [height, row] to [outputs, row]: a row is any number of bytes.
void mgi_resample_columns(size_t row, const uint8_t *source, mgi_weights weights, uint8_t *target);

#pragma clang assume_nonnull end
