#ifndef RKTLET_CZLIB_H
#define RKTLET_CZLIB_H

#include <zlib.h>

/* inflateInit2 and deflateInit2 are macros, which Swift does not import. */
static inline int rktlet_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

static inline int rktlet_deflate_init(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

/* A window of 2 KiB and little state: 12 KiB instead of 256. */
static inline int rktlet_deflate_init_small(z_stream *stream) {
    return deflateInit2(stream, Z_BEST_SPEED, Z_DEFLATED, 11, 2, Z_DEFAULT_STRATEGY);
}

#endif
