#include "CKernels.h"
#include "kernels.h"

KERNEL void mgk_accumulate_difference(size_t n, float factor, const float *expert,
                                      const float *base, float *out) {
    for (size_t i = 0; i < n; i++) out[i] += factor * (expert[i] - base[i]);
}

KERNEL double mgk_dot_difference(size_t n, const float *gradient, const float *expert,
                                 const float *base) {
    REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)gradient[i] * (double)(expert[i] - base[i]);
    return sum;
}
