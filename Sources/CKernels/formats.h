// Numbers of 16 bits as float32, shared by all kernels that read files.
#pragma once
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "checkpoint files are little-endian and are read without swapping bytes"
#endif

static inline float number(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t pattern(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// A finite number of a smaller format: its magnitude moved so that exponent and fraction meet where
// they do in float32, its sign bit, and how much larger float32's exponent bias is.
//
// Exponent 0 means subnormal: there the value is fraction * smallest normal number, computed as
// (1 + fraction) * smallest - smallest, which is exact and has no subnormal operand.
static inline float widened(uint32_t magnitude, uint32_t sign, uint32_t bias) {
    uint32_t smallest = (bias + 1) << 23;
    uint32_t normal = magnitude + (bias << 23);
    uint32_t subnormal = pattern(number(magnitude + smallest) - number(smallest));
    return number((magnitude < (1u << 23) ? subnormal : normal) | sign);
}

static inline float from_f16(uint16_t half) {
    uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13, sign = (uint32_t)(half & 0x8000) << 16;
    float finite = widened(magnitude, sign, 127 - 15);
    return (half & 0x7c00) == 0x7c00 ? number(magnitude | 0x7f800000 | sign) : finite;
}

static inline float from_bf16(uint16_t upper_half) { return number((uint32_t)upper_half << 16); }
