// Sums that statistics of a model are made of: products of rows with themselves, and squares.
#pragma once
#include <stddef.h>

#pragma clang assume_nonnull begin

// Adds the upper triangle of a square matrix of `n` rows to sums that hold only that, row by row.
void mgk_add_triangle(size_t n, const float *square, double *packed);
// out += x^2, element by element
void mgk_add_squares(size_t n, const float *x, float *out);

#pragma clang assume_nonnull end
