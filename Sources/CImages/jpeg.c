#include "fault.h"
#include <jpeglib.h>
#include <jerror.h>

// Scans of a progressive file are few; each of them costs a walk over the whole picture.
enum { SCAN_LIMIT = 500 };

typedef struct reader {
    struct jpeg_error_mgr errors; // first: libjpeg knows the reader by it
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct codec;
    mgi_fault fault;
} reader;

static _Noreturn void fail_with_text(j_common_ptr codec, mgi_outcome outcome) {
    reader *reader = (struct reader *)codec->err;
    char text[JMSG_LENGTH_MAX];
    codec->err->format_message(codec, text);
    mgi_fail(&reader->fault, outcome, text);
}

static void fail(j_common_ptr codec) {
    switch (codec->err->msg_code) {
    case JERR_OUT_OF_MEMORY: fail_with_text(codec, MGI_MEMORY);
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF: fail_with_text(codec, MGI_TRUNCATED);
    case JERR_ARITH_NOTIMPL:
    case JERR_BAD_PRECISION:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: fail_with_text(codec, MGI_UNSUPPORTED);
    default: fail_with_text(codec, MGI_CORRUPT);
    }
}

// A negative level is a warning: libjpeg would go on and make pixels up.
static void hear(j_common_ptr codec, int level) {
    if (level >= 0) return;
    switch (codec->err->msg_code) {
    case JWRN_JPEG_EOF: fail_with_text(codec, MGI_TRUNCATED);
    // These do not touch the pixels: odd version numbers, padding between two segments, parameters
    // that a sequential file does not need.
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL: break;
    default: fail_with_text(codec, MGI_CORRUPT);
    }
}

static void bound_scans(j_common_ptr codec) {
    reader *reader = (struct reader *)codec->err;
    if (((j_decompress_ptr)codec)->input_scan_number > SCAN_LIMIT) {
        mgi_fail(&reader->fault, MGI_CORRUPT, "it has more than 500 scans");
    }
}

// Inverted CMYK, as all programs write it, to RGB; the arithmetic is Pillow's.
static void convert_row(size_t width, const uint8_t *cmyk, uint8_t *rgb) {
    for (size_t x = 0; x < width; x++) {
        uint32_t black = cmyk[4 * x + 3];
        for (size_t channel = 0; channel < 3; channel++) {
            uint32_t ink = 255 - cmyk[4 * x + channel], product = ink * black + 128;
            uint32_t absorbed = (product + (product >> 8)) >> 8;
            rgb[3 * x + channel] = (uint8_t)(black > absorbed ? black - absorbed : 0);
        }
    }
}

static void read_pixels(j_decompress_ptr codec, mgi_header header, uint8_t *rgb) {
    _Bool has_black = codec->num_components == 4;
    codec->out_color_space = has_black ? JCS_CMYK : JCS_RGB;
    codec->dct_method = JDCT_ISLOW;
    codec->do_fancy_upsampling = TRUE;
    jpeg_start_decompress(codec);
    JSAMPARRAY inks = NULL;
    if (has_black) {
        inks = codec->mem->alloc_sarray((j_common_ptr)codec, JPOOL_IMAGE, header.width * 4, 1);
    }
    while (codec->output_scanline < codec->output_height) {
        JSAMPROW row = rgb + (size_t)codec->output_scanline * header.width * 3;
        jpeg_read_scanlines(codec, has_black ? inks : &row, 1);
        if (has_black) convert_row(header.width, inks[0], row);
    }
    // Looks for the end marker, as a file that lacks it may lack more.
    jpeg_finish_decompress(codec);
}

static void read(reader *reader, const uint8_t *bytes, size_t count, mgi_header *header,
                 uint8_t *rgb) {
    j_decompress_ptr codec = &reader->codec;
    jpeg_create_decompress(codec);
    codec->progress = &reader->progress;
    jpeg_mem_src(codec, bytes, count);
    jpeg_read_header(codec, TRUE);
    int components = codec->num_components;
    if (components != 1 && components != 3 && components != 4) {
        char text[40];
        snprintf(text, sizeof text, "it has %d colour components", components);
        mgi_fail(&reader->fault, MGI_UNSUPPORTED, text);
    }
    mgi_header found = {
        .height = codec->image_height,
        .width = codec->image_width,
        // A block of 8 x 8 samples takes a bit at least, and one of them is at most 4 x 4 pixels in
        // one direction or the other. Arithmetic codes know no such bound.
        .pixels_per_byte = codec->arith_code ? UINT32_MAX : 8 * 64 * 4,
    };
    if (rgb == NULL) {
        *header = found;
    } else if (found.height != header->height || found.width != header->width) {
        mgi_fail(&reader->fault, MGI_CORRUPT, "its size changed while it was read");
    } else {
        read_pixels(codec, found, rgb);
    }
}

// What changes after `setjmp` lies in the caller's frame, where a jump cannot lose it.
static void attempt(reader *reader, const uint8_t *bytes, size_t count, mgi_header *header,
                    uint8_t *rgb) {
    if (setjmp(reader->fault.caller) == 0) read(reader, bytes, count, header, rgb);
    jpeg_destroy_decompress(&reader->codec);
}

mgi_outcome mgi_decode_jpeg(const uint8_t *bytes, size_t count, mgi_header *header, uint8_t *rgb,
                            char *message) {
    reader reader = {.fault = {.message = message}};
    reader.codec.err = jpeg_std_error(&reader.errors);
    reader.errors.error_exit = fail;
    reader.errors.emit_message = hear;
    reader.progress.progress_monitor = bound_scans;
    attempt(&reader, bytes, count, header, rgb);
    return reader.fault.outcome;
}
