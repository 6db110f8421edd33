#define _GNU_SOURCE
#include "gantry_records.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int gantry_openat(int directory, const char *path, int flags, mode_t mode) {
    int descriptor;
    do {
        descriptor = openat(directory, path, flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

int gantry_open_in_root(int root, const char *path, int flags) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    long descriptor;
    /* EAGAIN: a rename raced with the walk; the kernel asks for another try. */
    int tries = 0;
    do {
        descriptor = syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (descriptor < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < 32)));
    return (int)descriptor;
}

int gantry_open_file_in_root(int root, const char *path) {
    int place = gantry_open_in_root(root, path, O_PATH);
    if (place < 0) return -1;
    struct stat info;
    int file = -1;
    if (fstat(place, &info) == 0) {
        if (S_ISREG(info.st_mode)) {
            /* The very file that was looked at: its name may have become another's. */
            char link[sizeof "/proc/self/fd/" + 3 * sizeof place];
            snprintf(link, sizeof link, "/proc/self/fd/%d", place);
            file = gantry_openat(AT_FDCWD, link, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
        } else {
            errno = ENXIO;
        }
    }
    int error = errno;
    close(place);
    errno = error;
    return file;
}

bool gantry_spread(int directory) {
    int flags;
    if (ioctl(directory, FS_IOC_GETFLAGS, &flags) < 0) return false;
    if (flags & FS_TOPDIR_FL) return true;
    flags |= FS_TOPDIR_FL;
    return ioctl(directory, FS_IOC_SETFLAGS, &flags) == 0;
}

int gantry_flock(int descriptor, int operation) {
    int result;
    do {
        result = flock(descriptor, operation);
    } while (result < 0 && errno == EINTR);
    return result;
}

int gantry_rename_new(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int gantry_same_file(int descriptor, int directory, const char *name) {
    struct stat open_file, named_file;
    if (fstat(descriptor, &open_file) < 0) return -1;
    if (fstatat(directory, name, &named_file, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT ? 0 : -1;
    return open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

int gantry_open_own_directory(int directory, const char *name) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    long descriptor;
    int tries = 0;
    do {
        descriptor = syscall(SYS_openat2, directory, name, &how, sizeof how);
    } while (descriptor < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < 32)));
    return (int)descriptor;
}

ssize_t gantry_getdents(int directory, void *buffer, size_t size) {
    return syscall(SYS_getdents64, directory, buffer, size);
}

const char *gantry_errno_text(int number, char *buffer, size_t size) {
    return strerror_r(number, buffer, size);
}

int gantry_set_cloexec(int descriptor, int on) {
    return fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

unsigned int gantry_major(uint64_t device) { return major(device); }

unsigned int gantry_minor(uint64_t device) { return minor(device); }
