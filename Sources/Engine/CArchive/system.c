#define _GNU_SOURCE
#include "gantry_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int gantry_archive_open_in_root(int dirfd, const char *path, int flags, int follow) {
    struct open_how how = {
        .flags = (uint64_t)(uint32_t)flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV | (follow ? 0 : RESOLVE_NO_SYMLINKS),
    };
    /* EAGAIN: a rename or mount anywhere in the system came between, so that the kernel cannot tell whether ".." stayed inside. */
    int found, tries = 0;
    do {
        found = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
    } while (found < 0 && (errno == EAGAIN || errno == EINTR) && ++tries < 1000);
    return found;
}

int gantry_archive_mknodat(int dirfd, const char *name, mode_t mode, uint32_t major_number, uint32_t minor_number) {
    return mknodat(dirfd, name, mode, makedev(major_number, minor_number));
}

int gantry_archive_set_mtime(int dirfd, const char *name, int64_t seconds, long nanoseconds) {
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds}};
    return name == NULL ? futimens(dirfd, times) : utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW);
}

int gantry_archive_syncfs(int fd) { return syncfs(fd); }

void gantry_archive_exec_tied(pid_t parent, int64_t file_limit, char *const argv[]) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
    if (getppid() != parent) _exit(127); /* it died before that */
    if (file_limit >= 0) {
        const struct rlimit limit = {(rlim_t)file_limit, (rlim_t)file_limit};
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return;
    }
    execv(argv[0], argv);
}
