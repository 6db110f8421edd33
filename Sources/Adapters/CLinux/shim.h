#ifndef RKTLET_CLINUX_SHIM_H
#define RKTLET_CLINUX_SHIM_H

/*
 * What the Swift overlay of glibc leaves out. Declared here where the header would ask for _GNU_SOURCE: defined in this module alone it
 * would give types another shape than they have in the overlay.
 */

/* mallinfo2(3), malloc_trim(3) */
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* memfd_create(2) */
int memfd_create(const char *name, unsigned int flags);
#define RKTLET_MFD_CLOEXEC 1u

/* fallocate(2) with FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE */
int fallocate(int fd, int mode, off_t offset, off_t length);
#define RKTLET_FALLOC_PUNCH (0x02 | 0x01)

/* pidfd_open(2), close-on-exec, and pidfd_send_signal(2): Linux 5.3. -1 and errno. */
static inline int rktlet_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0u); }
static inline int rktlet_pidfd_send_signal(int fd, int signal) { return (int)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0u); }

/*
 * recvmsg(2) without waiting, with descriptors (SCM_RIGHTS), close-on-exec: `*count` of them at most, others are closed. The macros that find
 * them are nothing to Swift. -1 and errno, EMSGSIZE also for a message that is longer than `length`.
 */
static inline ssize_t rktlet_receive(int fd, void *buffer, size_t length, int *fds, size_t *count) {
    union {
        char bytes[CMSG_SPACE(8 * sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    size_t room = *count;
    *count = 0;
    ssize_t got;
    do got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -1;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        size_t sent = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < sent; i++) {
            int one;
            memcpy(&one, CMSG_DATA(head) + i * sizeof(int), sizeof one);
            if (*count < room) fds[(*count)++] = one;
            else close(one);
        }
    }
    if (!(message.msg_flags & MSG_TRUNC)) return got;
    for (size_t i = 0; i < *count; i++) close(fds[i]);
    *count = 0;
    errno = EMSGSIZE;
    return -1;
}

#endif
