#define _GNU_SOURCE
#include "gantry_threads.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// What a system call needs of a stack.
enum { ASIDE_STACK = 8 << 10 };

// By a helper, whose start the caller waits for: on a busy machine up to a tick of its clock. What belongs together is one helper's.
static void help(int (*body)(void *), void *context) {
    _Alignas(16) char stack[ASIDE_STACK];
    // No exit signal: nobody else's wait(2) finds it.
    int pid = clone(body, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS, context);
    if (pid < 0) {
        body(context);
    } else {
        while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR) {}
    }
}

struct aside {
    long number;
    const long *arguments;
    long result;
    int error;
};

static int call(void *context) {
    struct aside *aside = context;
    const long *a = aside->arguments;
    aside->result = syscall(aside->number, a[0], a[1], a[2], a[3]);
    aside->error = errno;
    return 0;
}

static long aside(long number, long a, long b, long c, long d) {
    const long arguments[] = {a, b, c, d};
    struct aside aside = {.number = number, .arguments = arguments, .error = EINTR, .result = -1};
    help(call, &aside);
    errno = aside.error;
    return aside.result;
}

// MARK: Opening a log

struct opening {
    // Cut at each slash in turn, and whole again afterwards.
    char *path;
    struct gantry_log_opening *result;
};

// False when one cannot be made: `path` is left cut there.
static bool make_parents(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST) return false;
        *slash = '/';
    }
    return true;
}

static int open_log(void *context) {
    struct opening *opening = context;
    struct gantry_log_opening *result = opening->result;
    struct stat info;
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    result->was_there = lstat(opening->path, &info) == 0;
    int fd = open(opening->path, flags, 0640);
    if (fd < 0 && errno == ENOENT) {
        if (!make_parents(opening->path)) {
            result->error = errno;
            result->problem = GANTRY_LOG_DIRECTORY;
            return 0;
        }
        fd = open(opening->path, flags, 0640);
    }
    if (fd < 0) {
        result->error = errno;
        result->problem = GANTRY_LOG_FILE;
    } else if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        close(fd);
        result->problem = GANTRY_LOG_KIND;
    } else {
        result->fd = fd;
        result->problem = GANTRY_LOG_OPEN;
    }
    return 0;
}

struct gantry_log_opening gantry_aside_open_log(char *path) {
    struct gantry_log_opening result = {.fd = -1, .error = EINTR, .problem = GANTRY_LOG_FILE};
    struct opening opening = {.path = path, .result = &result};
    help(open_log, &opening);
    return result;
}

// MARK: Single calls


int gantry_aside_unlink(const char *path) { return (int)aside(SYS_unlinkat, AT_FDCWD, (long)path, 0, 0); }

int64_t gantry_aside_end(int fd) { return aside(SYS_lseek, fd, 0, SEEK_END, 0); }

int gantry_aside_truncate(int fd, int64_t size) { return (int)aside(SYS_ftruncate, fd, size, 0, 0); }

ssize_t gantry_aside_write(int fd, const void *bytes, size_t count) {
    return aside(SYS_write, fd, (long)bytes, (long)count, 0);
}

int gantry_aside_close(int fd) { return (int)aside(SYS_close, fd, 0, 0, 0); }
