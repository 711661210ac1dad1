// Telling whether bytes are the same as before.
#pragma once
#include <stddef.h>
#include <stdint.h>

// A number that other bytes hardly have by accident; no protection against intent.
uint64_t mgk_checksum(size_t n, const void *bytes);
