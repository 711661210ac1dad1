// Conversions between the number formats of checkpoint files and float32.
//
// Files hold little-endian numbers at any byte offset, so the file's side is untyped memory without
// alignment. `count` is in elements. The two sides must not overlap.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef void merganser_decode(const void *restrict source, float *restrict target, size_t count);
typedef void merganser_encode(const float *restrict source, void *restrict target, size_t count);

merganser_decode merganser_decode_bool, merganser_decode_u8, merganser_decode_i8,
    merganser_decode_u16, merganser_decode_i16, merganser_decode_u32, merganser_decode_i32,
    merganser_decode_u64, merganser_decode_i64, merganser_decode_f8_e4m3, merganser_decode_f8_e5m2,
    merganser_decode_f8_e8m0, merganser_decode_bf16, merganser_decode_f16, merganser_decode_f32,
    merganser_decode_f64;

merganser_encode merganser_encode_bf16, merganser_encode_f16, merganser_encode_f32,
    merganser_encode_f64;

// Whether no element is an infinity or a NaN.
_Bool merganser_are_finite(const float *values, size_t count);

#pragma clang assume_nonnull end
