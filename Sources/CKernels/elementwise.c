#include "CKernels.h"
#include "kernels.h"

KERNEL void mgk_add(size_t n, const float *a, const float *b, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

KERNEL void mgk_subtract(size_t n, const float *a, const float *b, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}

KERNEL void mgk_multiply(size_t n, const float *a, const float *b, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

KERNEL void mgk_multiply_add(size_t n, const float *a, const float *b, const float *c, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i] + c[i];
}

KERNEL void mgk_scale(size_t n, float factor, const float *a, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = factor * a[i];
}

KERNEL void mgk_rescale(size_t n, float factor, float *x) {
    for (size_t i = 0; i < n; i++) x[i] *= factor;
}

KERNEL void mgk_divide(size_t n, const float *a, const float *b, float *out) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] / (b[i] == 0 ? 1 : b[i]);
}

KERNEL void mgk_accumulate(size_t n, float factor, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] += factor * x[i];
}

KERNEL void mgk_widen(size_t n, const float *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] = (double)x[i];
}

KERNEL void mgk_accumulate_wide(size_t n, const float *restrict x, double *restrict y) {
    for (size_t i = 0; i < n; i++) y[i] += (double)x[i];
}

KERNEL double mgk_sum(size_t n, const float *a) {
    REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i];
    return sum;
}

KERNEL double mgk_dot(size_t n, const float *a, const float *b) {
    REASSOCIATE
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

INLINE double exponential_sum(size_t n, const float *a, float largest) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += exp((double)a[i] - (double)largest);
    return sum;
}

INLINE float largest_of(size_t n, const float *a) {
    float largest = a[0];
    for (size_t i = 1; i < n; i++) largest = a[i] > largest ? a[i] : largest;
    return largest;
}

double mgk_divergence(size_t n, double number, const float *a, const float *b) {
    if (n == 0) return 0;
    float top_a = largest_of(n, a), top_b = largest_of(n, b);
    double sum_a = exponential_sum(n, a, top_a), sum_b = exponential_sum(n, b, top_b), sum = 0;
    for (size_t i = 0; i < n; i++) {
        double p = exp((double)a[i] - (double)top_a) / sum_a + number;
        double q = exp((double)b[i] - (double)top_b) / sum_b + number;
        sum += p * log(p / q);
    }
    return sum;
}

// The upper tail of the normal distribution at |x|, as t * P(t) * e^(-x^2 / 2) / 2 with
// t = 1 / (1 + 0.3 |x| / sqrt 2). The polynomial was fitted to e^(z^2) erfc(z) on [0, 10] for
// least relative error (2e-8), so that gelu keeps its digits far to the left of zero, too.
INLINE float upper_tail(float x, float gaussian) {
    float t = 1.0f / (1.0f + 0.21213203435596423f * fabsf(x));
    float p = -1.295210634e-1f;
    p = p * t + 4.855544284e-1f;
    p = p * t + -5.122602227e-1f;
    p = p * t + 5.476998093e-1f;
    p = p * t + -9.463682470e-2f;
    p = p * t + 2.149201218e-1f;
    p = p * t + 1.483407062e-1f;
    p = p * t + 1.707150071e-1f;
    p = p * t + 1.691880185e-1f;
    return 0.5f * p * t * gaussian;
}

// x * Phi(x), and Phi(x) + x * phi(x).
KERNEL void mgk_gelu(size_t n, const float *x, float *y, float *slope) {
    if (slope) {
        for (size_t i = 0; i < n; i++) {
            float v = x[i], gaussian = exponential(-0.5f * v * v);
            float tail = upper_tail(v, gaussian), phi = v < 0 ? tail : 1.0f - tail;
            y[i] = v * phi;
            slope[i] = phi + v * gaussian * 0.3989422804014327f;
        }
    } else {
        for (size_t i = 0; i < n; i++) {
            float v = x[i], tail = upper_tail(v, exponential(-0.5f * v * v));
            y[i] = v * (v < 0 ? tail : 1.0f - tail);
        }
    }
}

KERNEL void mgk_gelu_tanh(size_t n, const float *x, float *y, float *slope) {
    const float a = 0.7978845608028654f, b = 0.044715f;
    for (size_t i = 0; i < n; i++) {
        float v = x[i], t = hyperbolic_tangent(a * (v + b * v * v * v));
        y[i] = 0.5f * v * (1.0f + t);
        if (slope)
            slope[i] = 0.5f * (1.0f + t)
                       + 0.5f * v * (1.0f - t * t) * a * (1.0f + 3.0f * b * v * v);
    }
}

KERNEL void mgk_gelu_quick(size_t n, const float *x, float *y, float *slope) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i], s = sigmoid(1.702f * v);
        y[i] = v * s;
        if (slope) slope[i] = s + 1.702f * v * s * (1.0f - s);
    }
}

KERNEL void mgk_silu(size_t n, const float *x, float *y, float *slope) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i], s = sigmoid(v);
        y[i] = v * s;
        if (slope) slope[i] = s + v * s * (1.0f - s);
    }
}

KERNEL void mgk_tanh(size_t n, const float *x, float *y, float *slope) {
    for (size_t i = 0; i < n; i++) {
        float t = hyperbolic_tangent(x[i]);
        y[i] = t;
        if (slope) slope[i] = 1.0f - t * t;
    }
}

KERNEL void mgk_relu(size_t n, const float *x, float *y, float *slope) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        y[i] = v > 0 ? v : 0;
        if (slope) slope[i] = v > 0 ? 1 : 0;
    }
}
