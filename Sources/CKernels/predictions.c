#include "CKernels.h"
#include "kernels.h"

// log of the sum of e^x over a row.
INLINE double log_sum(size_t width, const float *x) {
    REASSOCIATE
    float largest = -INFINITY;
    for (size_t j = 0; j < width; j++) largest = x[j] > largest ? x[j] : largest;
    double sum = 0;
    for (size_t j = 0; j < width; j++) sum += (double)exponential(x[j] - largest);
    return (double)largest + log(sum);
}

KERNEL void mgk_entropy_rows(size_t rows, size_t width, const float *x, float *entropy,
                             float *gradient) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width) {
        float shift = (float)log_sum(width, x);
        double sum = 0;
        for (size_t j = 0; j < width; j++) {
            float l = x[j] - shift;
            sum -= (double)(exponential(l) * l);
        }
        float h = (float)sum;
        entropy[row] = h;
        if (gradient) {
            for (size_t j = 0; j < width; j++) {
                float l = x[j] - shift;
                gradient[j] = -exponential(l) * (l + h);
            }
            gradient += width;
        }
    }
}

KERNEL void mgk_divergence_rows(size_t rows, size_t width, const float *log_target,
                                const float *x, float *divergence, float *gradient) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, log_target += width) {
        float shift = (float)log_sum(width, x);
        double sum = 0;
        for (size_t j = 0; j < width; j++) {
            float l = log_target[j];
            sum += (double)(exponential(l) * (l - (x[j] - shift)));
        }
        divergence[row] = (float)sum;
        if (gradient) {
            for (size_t j = 0; j < width; j++)
                gradient[j] = exponential(x[j] - shift) - exponential(log_target[j]);
            gradient += width;
        }
    }
}

KERNEL void mgk_cross_entropy_rows(size_t rows, size_t width, const int32_t *labels,
                                   const float *x, float *loss, float *gradient) {
    for (size_t row = 0; row < rows; row++, x += width) {
        double shift = log_sum(width, x);
        loss[row] = (float)(shift - (double)x[labels[row]]);
        if (gradient) {
            for (size_t j = 0; j < width; j++) gradient[j] = exponential(x[j] - (float)shift);
            gradient[labels[row]] -= 1.0f;
            gradient += width;
        }
    }
}
