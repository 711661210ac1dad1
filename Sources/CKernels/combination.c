#include "CKernels.h"
#include "formats.h"
#include "kernels.h"

// Files hold numbers at any address: `memcpy` of one element compiles to a plain vector load.
#define COMBINE(name, type, expression)                                                          \
    INLINE float expert_##name(const void *experts, size_t i) {                                  \
        type x;                                                                                  \
        memcpy(&x, (const char *)experts + i * sizeof x, sizeof x);                              \
        return (expression);                                                                     \
    }                                                                                            \
                                                                                                 \
    KERNEL void mgk_add_difference_##name(size_t n, float factor, const void *restrict expert,   \
                                          const float *restrict base, float *restrict out) {     \
        for (size_t i = 0; i < n; i++) out[i] += factor * (expert_##name(expert, i) - base[i]);  \
    }                                                                                            \
                                                                                                 \
    KERNEL void mgk_difference_##name(size_t n, const void *restrict expert,                     \
                                      const float *restrict base, float *restrict out) {         \
        for (size_t i = 0; i < n; i++) out[i] = expert_##name(expert, i) - base[i];              \
    }                                                                                            \
                                                                                                 \
    KERNEL double mgk_dot_difference_##name(size_t n, const float *gradient, const void *expert, \
                                            const float *base) {                                 \
        REASSOCIATE                                                                              \
        double sum = 0;                                                                          \
        for (size_t i = 0; i < n; i++)                                                           \
            sum += (double)gradient[i] * (double)(expert_##name(expert, i) - base[i]);           \
        return sum;                                                                              \
    }

COMBINE(f32, float, x)
COMBINE(bf16, uint16_t, from_bf16(x))
COMBINE(f16, uint16_t, from_f16(x))
