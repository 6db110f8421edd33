#define _GNU_SOURCE
#include "gantry_archive.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int gantry_archive_open_in_root(int dirfd, const char *path, int flags) {
    struct open_how how = {
        .flags = (uint64_t)(uint32_t)flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
}

int gantry_archive_mknodat(int dirfd, const char *name, mode_t mode, uint32_t major_number, uint32_t minor_number) {
    return mknodat(dirfd, name, mode, makedev(major_number, minor_number));
}

int gantry_archive_use_utf8_names(void) {
    static locale_t utf8;
    if (utf8 == (locale_t)0) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return utf8 != (locale_t)0 && uselocale(utf8) != (locale_t)0;
}

int gantry_archive_set_mtime(int dirfd, const char *name, int64_t seconds, long nanoseconds) {
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds}};
    return name == NULL ? futimens(dirfd, times) : utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW);
}

int gantry_archive_syncfs(int fd) { return syncfs(fd); }
