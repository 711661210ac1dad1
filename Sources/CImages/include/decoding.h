// Pictures in memory to 8-bit RGB in memory, by libpng and libjpeg.
//
// Both libraries report errors by jumping, which Swift must not see: the jumps begin and end here.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// What a file's own words may fill of a message.
enum { MGI_MESSAGE_CAPACITY = 256 };

typedef enum mgi_outcome {
    MGI_DECODED,
    MGI_TRUNCATED,
    MGI_CHECKSUM,
    MGI_CORRUPT,
    MGI_UNSUPPORTED,
    MGI_MEMORY,
} mgi_outcome;

typedef struct mgi_header {
    uint32_t height;
    uint32_t width;
    // At most so many pixels fit into one byte of a file like this one.
    uint32_t pixels_per_byte;
} mgi_header;

// Without `rgb`, finds the header and allocates nothing that grows with the size. With `rgb`, which
// has 3 * height * width bytes for the header found before, fills it row by row; after anything but
// MGI_DECODED its contents are meaningless and `message` says what the library complained of.
typedef mgi_outcome mgi_decode(const uint8_t *bytes, size_t count, mgi_header *header,
                               uint8_t *_Nullable rgb, char *message);

mgi_decode mgi_decode_png, mgi_decode_jpeg;

#pragma clang assume_nonnull end
