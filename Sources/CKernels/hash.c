#include "CKernels.h"
#include "kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

int mgk_hashes_in_lanes(void) {
#if defined(__x86_64__)
    unsigned a, b, c, d;
    // Bit 29 stands for the instructions of SHA-256.
    int has_instructions = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
    return !has_instructions && __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

// A word of every message. Wider vectors would leave a third of the processor's units idle.
typedef uint32_t words __attribute__((vector_size(4 * MGK_HASH_LANES)));
typedef uint8_t bytes __attribute__((vector_size(4 * MGK_HASH_LANES)));

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ROTATED(x, n) ((x) >> (n) | (x) << (32 - (n)))

// Rows of big-endian bytes become columns of words: ever larger squares change places.
#define LOWER_1 0, 8, 2, 10, 4, 12, 6, 14
#define UPPER_1 1, 9, 3, 11, 5, 13, 7, 15
#define LOWER_2 0, 1, 8, 9, 4, 5, 12, 13
#define UPPER_2 2, 3, 10, 11, 6, 7, 14, 15
#define LOWER_4 0, 1, 2, 3, 8, 9, 10, 11
#define UPPER_4 4, 5, 6, 7, 12, 13, 14, 15
#define EXCHANGE(size)                                                                           \
    for (int i = 0; i < 8; i++) {                                                                \
        if (i & size) continue;                                                                  \
        words a = rows[i], b = rows[i + size];                                                   \
        rows[i] = __builtin_shufflevector(a, b, LOWER_##size);                                   \
        rows[i + size] = __builtin_shufflevector(a, b, UPPER_##size);                            \
    }

INLINE void load_eight(const char *start, size_t stride, words *rows) {
    for (int k = 0; k < MGK_HASH_LANES; k++) {
        bytes row;
        memcpy(&row, start + k * stride, sizeof row);
        row = __builtin_shufflevector(
            row, row, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16, 23, 22,
            21, 20, 27, 26, 25, 24, 31, 30, 29, 28
        );
        rows[k] = (words)row;
    }
    EXCHANGE(1)
    EXCHANGE(2)
    EXCHANGE(4)
}

// FIPS 180-4, 6.2.2; the schedule is kept for sixteen rounds.
INLINE void hash_block(const char *start, size_t stride, words *state) {
    words w[16], v[8];
    load_eight(start, stride, w);
    load_eight(start + 32, stride, w + 8);
    memcpy(v, state, sizeof v);
#pragma clang loop unroll(full)
    for (int t = 0; t < 64; t++) {
        // The names of the variables turn instead of their values.
#define V(letter) v[(letter - 'a' + 64 - t) % 8]
        if (t >= 16) {
            words late = w[(t + 14) % 16], early = w[(t + 1) % 16];
            w[t % 16] += (ROTATED(late, 17) ^ ROTATED(late, 19) ^ late >> 10) + w[(t + 9) % 16] +
                         (ROTATED(early, 7) ^ ROTATED(early, 18) ^ early >> 3);
        }
        words a = V('a'), b = V('b'), c = V('c'), e = V('e'), f = V('f'), g = V('g');
        words sum = V('h') + (ROTATED(e, 6) ^ ROTATED(e, 11) ^ ROTATED(e, 25)) +
                    ((e & f) ^ (~e & g)) + (w[t % 16] + constants[t]);
        V('d') += sum;
        V('h') = sum + (ROTATED(a, 2) ^ ROTATED(a, 13) ^ ROTATED(a, 22)) +
                 ((a & b) ^ (a & c) ^ (b & c));
    }
    for (int i = 0; i < 8; i++) state[i] += v[i];
}

KERNEL void mgk_hash_blocks(size_t blocks, size_t stride, const void *messages, uint32_t *state) {
    words words_of_all[8];
    memcpy(words_of_all, state, sizeof words_of_all);
    for (size_t i = 0; i < blocks; i++)
        hash_block((const char *)messages + 64 * i, stride, words_of_all);
    memcpy(state, words_of_all, sizeof words_of_all);
}
