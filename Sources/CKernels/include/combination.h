// Sums of task vectors, formed on the fly from an expert as it is stored and its base.
//
// The expert's side is untyped memory without alignment; `n` is in elements.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// out += factor * (expert - base)
typedef void mgk_add_difference(size_t n, float factor, const void *restrict expert,
                                const float *restrict base, float *restrict out);
// out = expert - base
typedef void mgk_difference(size_t n, const void *restrict expert, const float *restrict base,
                            float *restrict out);
// sum of gradient * (expert - base), the difference in float32, products and sum in double
typedef double mgk_dot_difference(size_t n, const float *gradient, const void *expert,
                                  const float *base);

mgk_add_difference mgk_add_difference_f32, mgk_add_difference_bf16, mgk_add_difference_f16;
mgk_difference mgk_difference_f32, mgk_difference_bf16, mgk_difference_f16;
mgk_dot_difference mgk_dot_difference_f32, mgk_dot_difference_bf16, mgk_dot_difference_f16;

#pragma clang assume_nonnull end
