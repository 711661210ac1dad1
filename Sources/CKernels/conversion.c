#include "CKernels.h"
#include "formats.h"

// The fastest of three builds of a function is chosen when the program is loaded. All of them
// compute the same bits: everything below is integer arithmetic, or one correctly rounded operation.
#if defined(__x86_64__) && defined(__linux__)
#define DISPATCHED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define DISPATCHED
#endif

// MARK: one number

// OCP E4M3: no infinities; only the pattern of all ones is NaN.
static inline float from_f8_e4m3(uint8_t byte) {
    uint32_t magnitude = (uint32_t)(byte & 0x7f) << 20, sign = (uint32_t)(byte & 0x80) << 24;
    float finite = widened(magnitude, sign, 127 - 7);
    return (byte & 0x7f) == 0x7f ? number(0x7fc00000 | sign) : finite;
}

// OCP E5M2 is the upper byte of a float16.
static inline float from_f8_e5m2(uint8_t byte) { return from_f16((uint16_t)(byte << 8)); }

// OCP E8M0: a power of two, 2^(byte - 127); 255 is NaN. 2^-127 is subnormal in float32.
static inline float from_f8_e8m0(uint8_t byte) {
    uint32_t normal = (uint32_t)byte << 23;
    return number(byte == 255 ? 0x7fc00000 : byte == 0 ? 0x00400000 : normal);
}

// Rounds to nearest, ties to even. A NaN keeps its sign and upper payload and becomes quiet.
static inline uint16_t to_bf16(float value) {
    uint32_t bits = pattern(value);
    uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    uint32_t quiet = (bits >> 16) | 0x40;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
}

static inline uint16_t to_f16(float value) {
    uint32_t bits = pattern(value), magnitude = bits & 0x7fffffff;
    // The carry out of the fraction is the right exponent, up to and including infinity.
    uint32_t normal = (magnitude - (112u << 23) + 0xfff + ((magnitude >> 13) & 1)) >> 13;
    // One unit of 0.5 is the smallest float16: the addition rounds to a multiple of it.
    uint32_t subnormal = pattern(number(magnitude) + 0.5f) - pattern(0.5f);
    uint32_t nan = 0x7e00 | ((magnitude >> 13) & 0x3ff);
    uint32_t half = magnitude < (113u << 23) ? subnormal : normal;
    half = magnitude >= (143u << 23) ? 0x7c00 : half;
    half = magnitude > 0x7f800000 ? nan : half;
    return (uint16_t)(half | ((bits >> 16) & 0x8000));
}

// MARK: many numbers

// `memcpy` of one element is how C reads from any address; it compiles to a plain vector load.
#define DECODE(name, type, expression)                                                           \
    DISPATCHED void merganser_decode_##name(                                                     \
        const void *restrict source, float *restrict target, size_t count                        \
    ) {                                                                                          \
        for (size_t i = 0; i < count; i++) {                                                     \
            type x;                                                                              \
            memcpy(&x, (const char *)source + i * sizeof x, sizeof x);                           \
            target[i] = (expression);                                                            \
        }                                                                                        \
    }

#define ENCODE(name, type, expression)                                                           \
    DISPATCHED void merganser_encode_##name(                                                     \
        const float *restrict source, void *restrict target, size_t count                        \
    ) {                                                                                          \
        for (size_t i = 0; i < count; i++) {                                                     \
            float x = source[i];                                                                 \
            type y = (expression);                                                               \
            memcpy((char *)target + i * sizeof y, &y, sizeof y);                                 \
        }                                                                                        \
    }

DECODE(bool, uint8_t, x != 0 ? 1.0f : 0.0f)
DECODE(u8, uint8_t, (float)x)
DECODE(i8, int8_t, (float)x)
DECODE(u16, uint16_t, (float)x)
DECODE(i16, int16_t, (float)x)
DECODE(u32, uint32_t, (float)x)
DECODE(i32, int32_t, (float)x)
DECODE(u64, uint64_t, (float)x)
DECODE(i64, int64_t, (float)x)
DECODE(f8_e4m3, uint8_t, from_f8_e4m3(x))
DECODE(f8_e5m2, uint8_t, from_f8_e5m2(x))
DECODE(f8_e8m0, uint8_t, from_f8_e8m0(x))
DECODE(bf16, uint16_t, from_bf16(x))
DECODE(f16, uint16_t, from_f16(x))
DECODE(f64, double, (float)x)

ENCODE(bf16, uint16_t, to_bf16(x))
ENCODE(f16, uint16_t, to_f16(x))
ENCODE(f64, double, (double)x)

void merganser_decode_f32(const void *restrict source, float *restrict target, size_t count) {
    memcpy(target, source, count * sizeof *target);
}

void merganser_encode_f32(const float *restrict source, void *restrict target, size_t count) {
    memcpy(target, source, count * sizeof *source);
}

DISPATCHED _Bool merganser_are_finite(const float *values, size_t count) {
    uint32_t guilty = 0;
    for (size_t i = 0; i < count; i++) {
        guilty |= (pattern(values[i]) & 0x7f800000) == 0x7f800000;
    }
    return guilty == 0;
}
