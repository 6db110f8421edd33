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

/* Starts argv[0] in `/` with this environment and these three streams, nothing ignored and nothing blocked. It is killed when the thread that
 * calls this ends, or the process. Returns its pid, or -1 and errno. */
pid_t gantry_archive_spawn_tied(char *const argv[], char *const envp[], int input, int output, int errors);

/* pipe2(2), close-on-exec. */
int gantry_archive_pipe(int ends[2]);

/* Has a pipe take more at once, where the system allows it. */
void gantry_archive_widen_pipe(int pipe, int bytes);

/* A file in memory, which is gone with its last descriptor; close-on-exec. -1 and errno. */
int gantry_archive_memory_file(const char *name);

/* A file on the file system of `dirfd` that has no name yet, to be written and read, root's alone; -1 and errno. Close-on-exec. */
int gantry_archive_unnamed_file(int dirfd);

/* One message of a packet socket, and the descriptor that comes with it (close-on-exec), -1 for none. Returns its length, 0 at the end, or -1
 * and errno: EMSGSIZE for one that is longer than `size`. */
ssize_t gantry_archive_receive(int socket, void *buffer, size_t size, int *descriptor);

/* Moves up to `size` bytes from a pipe to a file, without a copy of them here; as splice(2). */
ssize_t gantry_archive_move(int pipe, int file, size_t size);

/* Sets the modification time and leaves the other one: of the file open as `dirfd` where `name` is null, else of what has this name in
 * `dirfd`, a symbolic link not followed. 0, or -1 and errno. */
int gantry_archive_set_mtime(int dirfd, const char *name, int64_t seconds, long nanoseconds);

/* Has the kernel begin to write a file's content to disk, and does not wait for it. */
void gantry_archive_begin_writing(int file);

/* fsync(2) of each, several at a time: what a disk is asked for at once it does at once. 0, or the errno of one that failed. */
int gantry_archive_sync_all(const int *files, size_t count);

#endif
