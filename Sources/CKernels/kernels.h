// What every kernel file shares.
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// One body, compiled for three instruction sets; the loader picks once per process.
#if defined(__x86_64__) && defined(__linux__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif
// Asks for vectors of 512 bits where there are such; by default those of 256 bits are used.
#if defined(__x86_64__)
#define WIDE __attribute__((min_vector_width(512)))
#else
#define WIDE
#endif
#define INLINE static inline __attribute__((always_inline))

// Lets the vectoriser split a sum over lanes and fuse products into it. The order of a sum is then
// the compiler's, but the same for every call: equal inputs keep giving equal bits.
#define REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

// e^x to about one unit in the last place, without a branch: 2^k by exponent bits times a
// polynomial on [-ln 2 / 2, ln 2 / 2]. Adding 1.5 * 2^23 rounds k to the nearest integer.
INLINE float exponential(float x) {
    const float magic = 12582912.0f;
    x = x < -87.3f ? -87.3f : x;
    x = x > 88.7f ? 88.7f : x;
    float shifted = x * 1.44269504088896341f + magic;
    int32_t bits;
    memcpy(&bits, &shifted, 4);
    float k = shifted - magic;
    float r = x - k * 0.693359375f;
    r = r + k * 2.12194440e-4f;
    float p = 1.381314192e-3f;
    p = p * r + 8.369414207e-3f;
    p = p * r + 4.166845650e-2f;
    p = p * r + 1.666651483e-1f;
    p = p * r + 4.999999305e-1f;
    p = p * (r * r) + r + 1.0f;
    // Twice half the exponent, because 2^k itself overflows where e^x does not.
    int32_t half = (bits - 0x4B400000) >> 1, rest = (bits - 0x4B400000) - half;
    int32_t a = (half + 127) << 23, b = (rest + 127) << 23;
    float fa, fb;
    memcpy(&fa, &a, 4);
    memcpy(&fb, &b, 4);
    return p * fa * fb;
}

// tanh x: an odd polynomial near zero, where 1 - e^-2x would cancel, and the quotient elsewhere.
INLINE float hyperbolic_tangent(float x) {
    float m = fabsf(x), s = x * x;
    float p = -5.895059416e-3f;
    p = p * s + 2.079589467e-2f;
    p = p * s + -5.378380984e-2f;
    p = p * s + 1.333192392e-1f;
    p = p * s + -3.333329800e-1f;
    float small = x + x * s * p;
    float e = exponential(-2.0f * m);
    float large = copysignf((1.0f - e) / (1.0f + e), x);
    return m < 0.6f ? small : large;
}

INLINE float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }
