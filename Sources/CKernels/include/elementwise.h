// Element by element over contiguous floats; `n` counts elements, outputs never overlap inputs
// unless a comment says so.
#pragma once
#include <stddef.h>

void mgk_add(size_t n, const float *a, const float *b, float *out);
void mgk_subtract(size_t n, const float *a, const float *b, float *out);
void mgk_multiply(size_t n, const float *a, const float *b, float *out);
// out = a * b + c
void mgk_multiply_add(size_t n, const float *a, const float *b, const float *c, float *out);
void mgk_scale(size_t n, float factor, const float *a, float *out);
// x = factor * x
void mgk_rescale(size_t n, float factor, float *x);
// out = a / b, a divisor of 0 counting as 1
void mgk_divide(size_t n, const float *a, const float *b, float *out);
// y += factor * x
void mgk_accumulate(size_t n, float factor, const float *x, float *y);
// y = x
void mgk_widen(size_t n, const float *restrict x, double *restrict y);
// y += x
void mgk_accumulate_wide(size_t n, const float *restrict x, double *restrict y);
double mgk_sum(size_t n, const float *a);
double mgk_dot(size_t n, const float *a, const float *b);
// sum of p ln(p / q), p and q being softmax a and softmax b plus a number
double mgk_divergence(size_t n, double number, const float *a, const float *b);

// Activations: y = f(x). Where `slope` is not null it receives f'(x).
void mgk_gelu(size_t n, const float *x, float *y, float *slope);
void mgk_gelu_tanh(size_t n, const float *x, float *y, float *slope);
void mgk_gelu_quick(size_t n, const float *x, float *y, float *slope);
void mgk_silu(size_t n, const float *x, float *y, float *slope);
void mgk_tanh(size_t n, const float *x, float *y, float *slope);
void mgk_relu(size_t n, const float *x, float *y, float *slope);
