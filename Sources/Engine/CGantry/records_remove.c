#define _GNU_SOURCE
#include "gantry_records.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below this depth a directory is moved up to the top first, so that depth is bounded whatever a container made. */
enum { DEPTH_LIMIT = 32, BATCH = 32768 };

struct removal {
    int top;
    unsigned long serial;
    char *culprit;
    size_t size;
};

static int failed(struct removal *removal, const char *name) {
    int number = errno;
    if (removal->size > 0) snprintf(removal->culprit, removal->size, "%s", name);
    errno = number;
    return -1;
}

/* Moves a deep directory up beside the rest, where the walk meets it again. */
static int move_up(struct removal *removal, int directory, const char *name) {
    for (int tries = 0; tries < 1024; tries++) {
        char target[64];
        snprintf(target, sizeof target, ".moved-up-%lu", removal->serial++);
        if (renameat(directory, name, removal->top, target) == 0 || errno == ENOENT) return 0;
        if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR && errno != EISDIR) return -1;
    }
    return -1;
}

static int remove_contents(struct removal *removal, int directory, int depth);

static int remove_directory(struct removal *removal, int directory, const char *name, int depth) {
    int inner = gantry_open_own_directory(directory, name);
    if (inner < 0) return errno == ENOENT ? 0 : failed(removal, name);
    int result = remove_contents(removal, inner, depth);
    int number = errno;
    close(inner);
    errno = number;
    if (result < 0) return -1;
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
    return failed(removal, name);
}

static int remove_entry(struct removal *removal, int directory, const char *name, unsigned char type, int depth) {
    if (type != DT_DIR) {
        if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
        if (errno != EISDIR) return failed(removal, name);
    }
    if (depth >= DEPTH_LIMIT) return move_up(removal, directory, name) == 0 ? 0 : failed(removal, name);
    return remove_directory(removal, directory, name, depth + 1);
}

/* One pass over the directory; the count of entries seen, or -1. */
static long pass(struct removal *removal, int directory, char *buffer, int depth) {
    long seen = 0;
    for (;;) {
        ssize_t count = gantry_getdents(directory, buffer, BATCH);
        if (count < 0) return errno == ENOENT ? seen : failed(removal, ".");
        if (count == 0) return seen;
        for (ssize_t offset = 0; offset < count;) {
            const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + offset);
            offset += entry->d_reclen;
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            seen++;
            if (remove_entry(removal, directory, entry->d_name, entry->d_type, depth) < 0) return -1;
        }
    }
}

static int remove_contents(struct removal *removal, int directory, int depth) {
    char *buffer = malloc(BATCH);
    if (buffer == NULL) return failed(removal, ".");
    long seen;
    /* A file system may pass over entries while others go away, and move_up adds some to the top: look until it is empty. */
    do {
        seen = pass(removal, directory, buffer, depth);
    } while (seen > 0 && lseek(directory, 0, SEEK_SET) == 0);
    free(buffer);
    return seen < 0 ? -1 : 0;
}

int gantry_remove_tree(int directory, const char *name, char *culprit, size_t size) {
    struct removal removal = {.top = -1, .culprit = culprit, .size = size};
    struct stat info;
    if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return errno == ENOENT ? 0 : failed(&removal, name);
    if (!S_ISDIR(info.st_mode)) {
        if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
        return failed(&removal, name);
    }
    removal.top = gantry_open_own_directory(directory, name);
    if (removal.top < 0) return errno == ENOENT ? 0 : failed(&removal, name);
    int result = remove_contents(&removal, removal.top, 0);
    int number = errno;
    close(removal.top);
    errno = number;
    if (result < 0) return -1;
    if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
    return failed(&removal, name);
}
