#include "fault.h"
#include <png.h>
#include <string.h>

typedef struct reader {
    mgi_fault fault;
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t left;
    char warning[96];
} reader;

static void copy(png_structp png, png_bytep target, size_t count) {
    reader *reader = png_get_io_ptr(png);
    if (count > reader->left) mgi_fail(&reader->fault, MGI_TRUNCATED, "the data ends too early");
    memcpy(target, reader->bytes, count);
    reader->bytes += count;
    reader->left -= count;
}

static _Noreturn void fail(png_structp png, png_const_charp message) {
    reader *reader = png_get_error_ptr(png);
    char text[MGI_MESSAGE_CAPACITY];
    // libpng says first what is wrong with a header, as a warning, and then that something is.
    if (reader->warning[0] != 0) {
        snprintf(text, sizeof text, "%.96s (%s)", message, reader->warning);
    } else {
        snprintf(text, sizeof text, "%.200s", message);
    }
    mgi_outcome outcome = strstr(message, "CRC error") ? MGI_CHECKSUM
        : strstr(message, "Out of memory") || strstr(message, "out of memory") ? MGI_MEMORY
                                                                               : MGI_CORRUPT;
    mgi_fail(&reader->fault, outcome, text);
}

static void warn(png_structp png, png_const_charp message) {
    reader *reader = png_get_error_ptr(png);
    // Data behind the last pixel does no harm; any other doubt about the data concerns the pixels.
    _Bool is_excess = strstr(message, "Extra compressed") || strstr(message, "Too much image");
    if (strncmp(message, "IDAT:", 5) == 0 && !is_excess) fail(png, message);
    snprintf(reader->warning, sizeof reader->warning, "%.90s", message);
}

// Indices, one byte each at the start of every row, to the colours they stand for.
static void look_up(png_structp png, png_infop info, mgi_header header, uint8_t *rgb) {
    reader *reader = png_get_error_ptr(png);
    png_colorp colors = NULL;
    int count = 0;
    png_get_PLTE(png, info, &colors, &count);
    for (size_t y = 0; y < header.height; y++) {
        uint8_t *row = rgb + y * header.width * 3;
        // From the end, because a colour takes more room than its index.
        for (size_t x = header.width; x-- > 0;) {
            if (row[x] >= count) {
                char text[80];
                snprintf(text, sizeof text, "a pixel has colour %d of %d", row[x], count);
                mgi_fail(&reader->fault, MGI_CORRUPT, text);
            }
            png_color color = colors[row[x]];
            row[3 * x] = color.red, row[3 * x + 1] = color.green, row[3 * x + 2] = color.blue;
        }
    }
}

static void read_pixels(png_structp png, png_infop info, mgi_header header, uint8_t *rgb) {
    reader *reader = png_get_error_ptr(png);
    int color = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
    _Bool is_indexed = color == PNG_COLOR_TYPE_PALETTE;
    if (is_indexed) png_set_packing(png);
    if (color == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
    if (depth == 16) png_set_strip_16(png);
    if (color & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(png);
    if (!(color & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (is_indexed ? 1 : 3) * (size_t)header.width) {
        mgi_fail(&reader->fault, MGI_UNSUPPORTED, "its rows have an unexpected length");
    }
    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < header.height; y++) {
            png_read_row(png, rgb + y * header.width * 3, NULL);
        }
    }
    png_read_end(png, NULL);
    if (is_indexed) look_up(png, info, header, rgb);
}

static void skip_chunks(png_structp png) {
    static const png_byte transparency[] = "tRNS";
    // Neither text nor colour profiles nor transparency change the pixels that are asked for, so
    // these chunks are neither kept nor unpacked; only their checksums are looked at.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, transparency, 1);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    // The caller bounds the number of pixels; libpng's own bound is one on each edge.
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
}

static void read(reader *reader, mgi_header *header, uint8_t *rgb) {
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, fail, warn);
    reader->info = reader->png == NULL ? NULL : png_create_info_struct(reader->png);
    if (reader->info == NULL) mgi_fail(&reader->fault, MGI_MEMORY, "libpng cannot begin");
    png_structp png = reader->png;
    png_infop info = reader->info;
    png_set_read_fn(png, reader, copy);
    skip_chunks(png);
    png_read_info(png, info);
    // Deflate makes at most 1032 bytes of one.
    uint32_t bits = png_get_channels(png, info) * png_get_bit_depth(png, info);
    mgi_header found = {
        .height = png_get_image_height(png, info),
        .width = png_get_image_width(png, info),
        .pixels_per_byte = 1032 * 8 / bits,
    };
    if (rgb == NULL) {
        *header = found;
    } else if (found.height != header->height || found.width != header->width) {
        mgi_fail(&reader->fault, MGI_CORRUPT, "its size changed while it was read");
    } else {
        read_pixels(png, info, found, rgb);
    }
}

// What changes after `setjmp` lies in the caller's frame, where a jump cannot lose it.
static void attempt(reader *reader, mgi_header *header, uint8_t *rgb) {
    if (setjmp(reader->fault.caller) == 0) read(reader, header, rgb);
    png_destroy_read_struct(&reader->png, &reader->info, NULL);
}

mgi_outcome mgi_decode_png(const uint8_t *bytes, size_t count, mgi_header *header, uint8_t *rgb,
                           char *message) {
    reader reader = {.fault = {.message = message}, .bytes = bytes, .left = count};
    attempt(&reader, header, rgb);
    return reader.fault.outcome;
}
