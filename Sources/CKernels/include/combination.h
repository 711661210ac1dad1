// Sums of task vectors, formed on the fly from an expert and its base.
#pragma once
#include <stddef.h>
#include <stdint.h>

// out += factor * (expert - base)
void mgk_accumulate_difference(size_t n, float factor, const float *expert, const float *base,
                               float *out);
// sum of gradient * (expert - base), products and sum in double
double mgk_dot_difference(size_t n, const float *gradient, const float *expert,
                          const float *base);
