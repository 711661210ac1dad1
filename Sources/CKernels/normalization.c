#include "CKernels.h"
#include "kernels.h"

KERNEL void mgk_softmax_row(size_t first, size_t last, size_t width, float scale,
                            const float *mask, float *x) {
    REASSOCIATE
    float largest = -INFINITY;
    if (mask) {
        for (size_t j = first; j < last; j++) {
            x[j] = scale * x[j] + mask[j];
            largest = x[j] > largest ? x[j] : largest;
        }
    } else {
        for (size_t j = first; j < last; j++) {
            x[j] = scale * x[j];
            largest = x[j] > largest ? x[j] : largest;
        }
    }
    if (!(largest > -INFINITY)) {
        // Nothing to attend to; a NaN score must stay visible.
        for (size_t j = 0; j < width; j++) x[j] = x[j] != x[j] ? x[j] : 0;
        return;
    }
    float sum = 0;
    for (size_t j = first; j < last; j++) {
        float shifted = x[j] - largest, e = shifted < -87.0f ? 0.0f : exponential(shifted);
        e = shifted != shifted ? shifted : e;
        x[j] = e;
        sum += e;
    }
    float inverse = 1.0f / sum;
    for (size_t j = first; j < last; j++) x[j] *= inverse;
    for (size_t j = 0; j < first; j++) x[j] = 0;
    for (size_t j = last; j < width; j++) x[j] = 0;
}

KERNEL void mgk_softmax_row_pullback(size_t width, float scale, const float *p, float *dp) {
    REASSOCIATE
    float inner = 0;
    for (size_t j = 0; j < width; j++) inner += dp[j] * p[j];
    for (size_t j = 0; j < width; j++) dp[j] = scale * p[j] * (dp[j] - inner);
}

KERNEL void mgk_log_softmax(size_t rows, size_t width, const float *x, float *y) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, y += width) {
        float largest = -INFINITY;
        for (size_t j = 0; j < width; j++) largest = x[j] > largest ? x[j] : largest;
        double sum = 0;
        for (size_t j = 0; j < width; j++) sum += (double)exponential(x[j] - largest);
        float shift = largest + (float)log(sum);
        for (size_t j = 0; j < width; j++) y[j] = x[j] - shift;
    }
}

KERNEL void mgk_layer_norm(size_t rows, size_t width, float epsilon, const float *x,
                           const float *weight, const float *bias, float *y, float *mean,
                           float *rstd) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, y += width) {
        float sum = 0;
        for (size_t j = 0; j < width; j++) sum += x[j];
        float m = sum / (float)width, squares = 0;
        for (size_t j = 0; j < width; j++) squares += (x[j] - m) * (x[j] - m);
        float r = 1.0f / sqrtf(squares / (float)width + epsilon);
        for (size_t j = 0; j < width; j++) y[j] = (x[j] - m) * r * weight[j] + bias[j];
        mean[row] = m;
        rstd[row] = r;
    }
}

KERNEL void mgk_layer_norm_pullback(size_t rows, size_t width, const float *x,
                                    const float *weight, const float *mean, const float *rstd,
                                    const float *dy, float *dx, double *dweight,
                                    double *dbias) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, dy += width, dx += width) {
        float m = mean[row], r = rstd[row], along = 0, total = 0;
        for (size_t j = 0; j < width; j++) {
            float g = dy[j] * weight[j];
            total += g;
            along += g * (x[j] - m) * r;
        }
        float a = total / (float)width, b = along / (float)width;
        for (size_t j = 0; j < width; j++)
            dx[j] = r * (dy[j] * weight[j] - a - (x[j] - m) * r * b);
        if (dweight)
            for (size_t j = 0; j < width; j++) dweight[j] += (double)(dy[j] * (x[j] - m) * r);
        if (dbias)
            for (size_t j = 0; j < width; j++) dbias[j] += (double)dy[j];
    }
}

KERNEL void mgk_rms_norm(size_t rows, size_t width, float epsilon, float offset, const float *x,
                         const float *weight, float *y, float *rstd) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, y += width) {
        float squares = 0;
        for (size_t j = 0; j < width; j++) squares += x[j] * x[j];
        float r = 1.0f / sqrtf(squares / (float)width + epsilon);
        for (size_t j = 0; j < width; j++) y[j] = x[j] * r * (weight[j] + offset);
        rstd[row] = r;
    }
}

KERNEL void mgk_rms_norm_pullback(size_t rows, size_t width, float offset, const float *x,
                                  const float *weight, const float *rstd, const float *dy,
                                  float *dx, double *dweight) {
    REASSOCIATE
    for (size_t row = 0; row < rows; row++, x += width, dy += width, dx += width) {
        float r = rstd[row], along = 0;
        for (size_t j = 0; j < width; j++) along += dy[j] * (weight[j] + offset) * x[j];
        float b = along * r * r * r / (float)width;
        for (size_t j = 0; j < width; j++) dx[j] = r * dy[j] * (weight[j] + offset) - b * x[j];
        if (dweight)
            for (size_t j = 0; j < width; j++) dweight[j] += (double)(dy[j] * x[j] * r);
    }
}

KERNEL void mgk_column_sums(size_t rows, size_t width, const float *x, float *sums) {
    for (size_t row = 0; row < rows; row++, x += width)
        for (size_t j = 0; j < width; j++) sums[j] += x[j];
}
