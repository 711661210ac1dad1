#include "CKernels.h"
#include "kernels.h"

INLINE uint64_t mixed(uint64_t lane, uint64_t word) {
    lane = (lane ^ word) * 0x9E3779B97F4A7C15u;
    return lane << 27 | lane >> 37;
}

uint64_t mgk_checksum(size_t n, const void *bytes) {
    const unsigned char *p = bytes;
    uint64_t lanes[4] = {n, n + 1, n + 2, n + 3};
    for (; n >= 32; n -= 32, p += 32) {
        uint64_t words[4];
        memcpy(words, p, 32);
        for (int k = 0; k < 4; k++) lanes[k] = mixed(lanes[k], words[k]);
    }
    for (; n > 0; n--, p++) lanes[0] = mixed(lanes[0], *p + 1);
    uint64_t sum = 0;
    for (int k = 0; k < 4; k++) sum = mixed(sum, lanes[k]);
    return sum ^ sum >> 32;
}
