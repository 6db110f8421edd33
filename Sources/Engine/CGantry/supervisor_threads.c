#define _GNU_SOURCE
#include "gantry_threads.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

// Pages that are not touched cost nothing; nothing that runs there goes deep.
enum { STACK = 512 << 10 };

enum { KEPT = 48 };

struct start {
    void (*body)(void *);
    void *context;
    bool apart;
    int kept[KEPT];
    size_t count;
};

static int ascending(const void *one, const void *other) { return *(const int *)one - *(const int *)other; }

// A table of descriptors of this thread's own, with nothing in it but the standard ones and those that are named.
static void part(struct start *start) {
    if (unshare(CLONE_FILES) < 0) return;
    qsort(start->kept, start->count, sizeof(int), ascending);
    unsigned next = 3;
    for (size_t i = 0; i < start->count; i++) {
        unsigned kept = (unsigned)start->kept[i];
        if (kept < next) continue;
        if (kept > next) close_range(next, kept - 1, 0);
        next = kept + 1;
    }
    close_range(next, ~0U, 0);
}

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    prctl(PR_SET_NAME, "worker", 0, 0, 0);
    // A working directory of its own: mounts are made with short names from where the layers are.
    unshare(CLONE_FS);
    if (start.apart) part(&start);
    start.body(start.context);
    return NULL;
}

static int begin(const struct start *wanted) {
    struct start *start = malloc(sizeof *start);
    if (start == NULL) return -1;
    *start = *wanted;
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, STACK);
        error = pthread_create(&thread, &attributes, run, start);
        pthread_attr_destroy(&attributes);
    }
    if (error == 0) return 0;
    free(start);
    errno = error;
    return -1;
}

int gantry_thread(void (*body)(void *), void *context) {
    struct start start = {.body = body, .context = context};
    return begin(&start);
}

int gantry_thread_apart(void (*body)(void *), void *context, const int *kept, size_t count) {
    struct start start = {.body = body, .context = context, .apart = true, .count = count};
    if (count > KEPT) {
        errno = EINVAL;
        return -1;
    }
    memcpy(start.kept, kept, count * sizeof *kept);
    return begin(&start);
}

void gantry_share_memory(void) { mallopt(M_ARENA_MAX, 1); }

int gantry_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void gantry_event_set(int fd) { eventfd_write(fd, 1); }

void gantry_event_clear(int fd) {
    eventfd_t count;
    eventfd_read(fd, &count);
}

int gantry_bytes_waiting(int fd) {
    int count = 0;
    return ioctl(fd, FIONREAD, &count) < 0 ? -1 : count;
}

int64_t gantry_processor_time(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) < 0) return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
