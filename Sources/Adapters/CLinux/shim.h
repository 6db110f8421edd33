#ifndef RKTLET_CLINUX_SHIM_H
#define RKTLET_CLINUX_SHIM_H

/*
 * What the Swift overlay of glibc leaves out. Declared here where the header would ask for _GNU_SOURCE: defined in this module alone it
 * would give types another shape than they have in the overlay.
 */

/* mallinfo2(3), malloc_trim(3) */
#include <malloc.h>
#include <sys/random.h>
#include <sys/statfs.h>

/* memfd_create(2) */
int memfd_create(const char *name, unsigned int flags);
#define RKTLET_MFD_CLOEXEC 1u

#endif
