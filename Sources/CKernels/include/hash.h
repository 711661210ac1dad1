// SHA-256 of several messages side by side.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The number of messages.
#define MGK_HASH_LANES 8

// Whether that is the fast way here: the processor has wide vectors, and no instructions for SHA-256.
int mgk_hashes_in_lanes(void);
// Hashes so many blocks of 64 bytes of every message; message k begins at `k * stride`. The state is
// eight words of every message, word by word.
void mgk_hash_blocks(size_t blocks, size_t stride, const void *messages, uint32_t *state);
