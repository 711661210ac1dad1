// Row by row over matrices [rows, width] of contiguous floats.
#pragma once
#include <stddef.h>

// Softmax of scale * x + mask over the columns first ..< last of each row; the others become 0.
// `mask` may be null. A row whose columns are all excluded (-infinity) becomes 0. In place.
void mgk_softmax_row(size_t first, size_t last, size_t width, float scale, const float *mask,
                     float *x);
// dx = scale * p * (dp - sum(dp * p)), written over dp.
void mgk_softmax_row_pullback(size_t width, float scale, const float *p, float *dp);

// log softmax of every row.
void mgk_log_softmax(size_t rows, size_t width, const float *x, float *y);

// y = (x - mean) / deviation * weight + bias; the statistics of each row are kept for the pullback.
void mgk_layer_norm(size_t rows, size_t width, float epsilon, const float *x, const float *weight,
                    const float *bias, float *y, float *mean, float *rstd);
// dx overwritten; dweight and dbias (may be null) accumulated in double.
void mgk_layer_norm_pullback(size_t rows, size_t width, const float *x, const float *weight,
                             const float *mean, const float *rstd, const float *dy, float *dx,
                             double *dweight, double *dbias);
// y = x / sqrt(mean(x^2) + epsilon) * (weight + offset).
void mgk_rms_norm(size_t rows, size_t width, float epsilon, float offset, const float *x,
                  const float *weight, float *y, float *rstd);
void mgk_rms_norm_pullback(size_t rows, size_t width, float offset, const float *x,
                           const float *weight, const float *rstd, const float *dy, float *dx,
                           double *dweight);
// sums[j] += sum over rows of x[row, j].
void mgk_column_sums(size_t rows, size_t width, const float *x, float *sums);
