#define _GNU_SOURCE
#include "gantry_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

int gantry_open_path(const char *path) { return open(path, O_PATH | O_CLOEXEC); }

int gantry_o_path(void) { return O_PATH; }

int64_t gantry_filesystem(const char *path) {
    struct statfs info;
    return statfs(path, &info) < 0 ? -1 : (int64_t)info.f_type;
}

int64_t gantry_filesystem_of(int fd) {
    struct statfs info;
    return fstatfs(fd, &info) < 0 ? -1 : (int64_t)info.f_type;
}

int gantry_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int gantry_memory_file(const void *bytes, size_t length) {
    int fd = memfd_create("gantry", MFD_CLOEXEC);
    if (fd < 0) return -1;
    size_t done = 0;
    while (done < length) {
        ssize_t written = pwrite(fd, (const char *)bytes + done, length - done, (off_t)done);
        if (written < 0) {
            int error = errno;
            close(fd);
            errno = error;
            return -1;
        }
        done += (size_t)written;
    }
    return fd;
}

int gantry_close_on_exec(int fd) { return fcntl(fd, F_SETFD, FD_CLOEXEC); }

int gantry_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

// A detached copy of the mounts at `path`, with attributes set.
static int open_detached(const char *path, unsigned flags, struct mount_attr attributes) {
    int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
    if (fd < 0) return -1;
    if (mount_setattr(fd, "", AT_EMPTY_PATH | flags, &attributes, sizeof attributes) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int gantry_open_idmapped(const char *path, int userns) {
    return open_detached(
        path, AT_RECURSIVE, (struct mount_attr){.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns});
}

int gantry_open_readonly(const char *path) {
    return open_detached(path, 0, (struct mount_attr){.attr_set = MOUNT_ATTR_RDONLY});
}

int gantry_move_mount(int fd, const char *target) {
    return move_mount(fd, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}

int gantry_window_size(int fd, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(fd, TIOCSWINSZ, &size);
}
