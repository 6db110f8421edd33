#ifndef GANTRY_RECORDS_H
#define GANTRY_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Swift sees neither variadic functions nor every Linux call of the C library; these pass them on. All return -1 and set errno on failure. */

/* openat(2) with O_CLOEXEC always added. */
int gantry_openat(int directory, const char *path, int flags, mode_t mode);

/* openat2(2) with RESOLVE_IN_ROOT: no component, ".." or symbolic link of `path` leads out of `root`. */
int gantry_open_in_root(int root, const char *path, int flags);

/* As gantry_open_in_root, a regular file to be read. ENXIO where something else is there, which is not opened: opening a device acts on
   it, and waits. */
int gantry_open_file_in_root(int root, const char *path);

/* Asks the file system to place each directory made in this one by itself (FS_TOPDIR_FL, chattr +T), away from what was removed of the others:
   ext4 does not give away an inode within five minutes of its removal, and looks at each such one again and again on its way to a free one. Best
   effort; false where nothing came of it. */
bool gantry_spread(int directory);

/* flock(2), tried again on EINTR. */
int gantry_flock(int descriptor, int operation);

/* renameat2(2) with RENAME_NOREPLACE: EEXIST where `to` is there. */
int gantry_rename_new(int from_directory, const char *from, int to_directory, const char *to);

/* Whether the descriptor closes on exec. */
int gantry_set_cloexec(int descriptor, int on);

/* 1 where `name` in `directory` is the very file that `descriptor` has open, 0 where it is another or absent. */
int gantry_same_file(int descriptor, int directory, const char *name);

/* The directory `name` in `directory`: never through a symbolic link, never onto another mount (openat2(2), RESOLVE_NO_XDEV). */
int gantry_open_own_directory(int directory, const char *name);

/* getdents64(2): bytes written to `buffer`, 0 at the end. */
ssize_t gantry_getdents(int directory, void *buffer, size_t size);

/* The text of an errno value, in `buffer` or in static storage. */
const char *gantry_errno_text(int number, char *buffer, size_t size);

/*
 * Removes `name` in `directory` and, where it is a directory, everything below it. The content is hostile: no symbolic link is followed, no mount
 * is entered (EXDEV), names are bytes, and depth costs neither stack nor descriptors. An entry that vanishes meanwhile is fine. On failure the
 * name of the entry in question is in `culprit`.
 */
int gantry_remove_tree(int directory, const char *name, char *culprit, size_t size);

/* major(3) and minor(3) are macros. */
unsigned int gantry_major(uint64_t device);
unsigned int gantry_minor(uint64_t device);

#endif
