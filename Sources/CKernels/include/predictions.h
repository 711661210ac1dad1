// What is read off a row of logits: values per row, and their derivatives by the logits.
#pragma once
#include <stddef.h>
#include <stdint.h>

// -sum(p log p) of softmax(x); gradient (may be null): -p (log p + entropy).
void mgk_entropy_rows(size_t rows, size_t width, const float *x, float *entropy, float *gradient);
// sum(q (log q - log p)) with q given by its logarithms; gradient: p - q.
void mgk_divergence_rows(size_t rows, size_t width, const float *log_target, const float *x,
                         float *divergence, float *gradient);
// -log p[label]; gradient: p - onehot. Labels must lie in 0 ..< width.
void mgk_cross_entropy_rows(size_t rows, size_t width, const int32_t *labels, const float *x,
                            float *loss, float *gradient);
