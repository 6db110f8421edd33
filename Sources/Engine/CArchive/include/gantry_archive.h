#ifndef GANTRY_ARCHIVE_H
#define GANTRY_ARCHIVE_H

/* libarchive, and the few system calls that unpacking needs and Swift cannot import. */

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/xattr.h>

/* openat2(2) confined to the directory `dirfd`: symbolic links, absolute ones too, are resolved as if it were the root; no magic
 * links and no other mount is entered. Where `follow` is 0, a link anywhere on the way is ELOOP. Close-on-exec. Returns a descriptor, or
 * -1 and errno. */
int gantry_archive_open_in_root(int dirfd, const char *path, int flags, int follow);

/* The name of what readdir(3) found, valid as long as that. */
static inline const char *gantry_archive_entry_name(const struct dirent *entry) { return entry->d_name; }

/* A device node made of the kernel's major and minor numbers; 0, or -1 and errno. */
int gantry_archive_mknodat(int dirfd, const char *name, mode_t mode, uint32_t major, uint32_t minor);

/* Becomes the program argv[0], killed when the thread that started this process ends, and unable to write a file of more than
 * `file_limit` bytes (-1: any). Ends the process if `parent` is its parent no more; returns, with errno, only when that failed. */
void gantry_archive_exec_tied(pid_t parent, int64_t file_limit, char *const argv[]);

/* Sets the modification time and leaves the other one: of the file open as `dirfd` where `name` is null, else of what has this name in
 * `dirfd`, a symbolic link not followed. 0, or -1 and errno. */
int gantry_archive_set_mtime(int dirfd, const char *name, int64_t seconds, long nanoseconds);

/* syncfs(2). */
int gantry_archive_syncfs(int fd);

#endif
