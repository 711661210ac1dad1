#include "CKernels.h"
#include "kernels.h"

KERNEL void mgk_add_triangle(size_t n, const float *square, double *packed) {
    for (size_t row = 0; row < n; row++) {
        const float *from = square + row * n + row;
        for (size_t i = 0; i < n - row; i++) packed[i] += (double)from[i];
        packed += n - row;
    }
}

KERNEL void mgk_add_squares(size_t n, const float *x, float *out) {
    for (size_t i = 0; i < n; i++) out[i] += x[i] * x[i];
}
