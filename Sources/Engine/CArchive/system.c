#define _GNU_SOURCE
#include "gantry_archive.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
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

int gantry_archive_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

void gantry_archive_widen_pipe(int pipe, int bytes) { (void)fcntl(pipe, F_SETPIPE_SZ, bytes); }

int gantry_archive_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

/* What a program that was just started expects: signals that end it do so. */
static void forget_signals(void) {
    const struct sigaction plain = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) sigaction(number, &plain, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int take_streams(int input, int output, int errors) {
    int streams[3] = {input, output, errors};
    /* Above the three, so that none of them is overwritten before it is taken. */
    for (int i = 0; i < 3; i++) {
        streams[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
        if (streams[i] < 0) return -1;
    }
    for (int i = 0; i < 3; i++)
        if (dup2(streams[i], i) < 0) return -1;
    return 0;
}

pid_t gantry_archive_spawn_tied(char *const argv[], char *const envp[], int input, int output, int errors) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t parent = getpid();
    volatile int cause = 0;
    /* The child borrows this memory until it is the other program; it only makes system calls. */
    const pid_t child = vfork();
    if (child == 0) {
        forget_signals();
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && take_streams(input, output, errors) == 0 && chdir("/") == 0)
            execve(argv[0], argv, envp);
        cause = errno != 0 ? errno : ECHILD;
        _exit(127);
    }
    const int failed = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child < 0) {
        errno = failed;
        return -1;
    }
    if (cause != 0) {
        while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
        errno = cause;
        return -1;
    }
    return child;
}

ssize_t gantry_archive_receive(int socket, void *buffer, size_t size, int *descriptor) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *descriptor = -1;
    ssize_t length;
    do {
        length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (length < 0 && errno == EINTR);
    if (length < 0) return -1;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        if (*descriptor >= 0) close(*descriptor);
        *descriptor = -1;
        errno = EMSGSIZE;
        return -1;
    }
    return length;
}

ssize_t gantry_archive_move(int pipe, int file, size_t size) {
    ssize_t moved;
    do {
        moved = splice(pipe, NULL, file, NULL, size, SPLICE_F_MOVE);
    } while (moved < 0 && errno == EINTR);
    return moved;
}

void gantry_archive_begin_writing(int file) { sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); }

typedef struct {
    const int *files;
    size_t count;
    atomic_size_t next;
    atomic_int cause;
} sync_work;

static void *sync_some(void *argument) {
    sync_work *work = argument;
    for (;;) {
        const size_t index = atomic_fetch_add(&work->next, 1);
        if (index >= work->count) return NULL;
        /* Not every file system can: what it cannot sync it has nowhere to sync to. */
        if (fsync(work->files[index]) != 0 && errno != EINVAL && errno != EROFS) atomic_store(&work->cause, errno);
    }
}

int gantry_archive_sync_all(const int *files, size_t count) {
    enum { WIDTH = 8 };
    sync_work work = {.files = files, .count = count};
    pthread_t threads[WIDTH];
    size_t started = 0;
    while (started + 1 < count && started < WIDTH - 1 && pthread_create(&threads[started], NULL, sync_some, &work) == 0) started++;
    sync_some(&work);
    for (size_t i = 0; i < started; i++) pthread_join(threads[i], NULL);
    return atomic_load(&work.cause);
}

int gantry_archive_unnamed_file(int dirfd) { return openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }
