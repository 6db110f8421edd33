#ifndef GANTRY_SHA256_H
#define GANTRY_SHA256_H

/* SHA-256 (FIPS 180-4), with the processor's SHA extensions where it has them. */

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t state[8];
    uint64_t length;
    uint8_t block[64];
    size_t used;
} gantry_sha256;

void gantry_sha256_init(gantry_sha256 *hash);
void gantry_sha256_update(gantry_sha256 *hash, const void *bytes, size_t count);

/* Writes the 32 bytes of the digest; `hash` is spent afterwards. */
void gantry_sha256_finish(gantry_sha256 *hash, uint8_t digest[32]);

#endif
