#define _GNU_SOURCE
#include "gantry_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_DESCRIPTORS = 8 };

static int closing(int fd) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

// The path of a socket is limited to 107 bytes: it is named through the directory's descriptor instead.
static int address(struct sockaddr_un *out, int dirfd, const char *name) {
    memset(out, 0, sizeof *out);
    out->sun_family = AF_UNIX;
    int length = snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", dirfd, name);
    if (length < 0 || (size_t)length >= sizeof out->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return 0;
}

int gantry_listen(int dirfd, const char *name, int backlog) {
    struct sockaddr_un where;
    if (address(&where, dirfd, name) < 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    // Before bind, so that the file never exists with a wider mode.
    fchmod(fd, 0600);
    if (bind(fd, (struct sockaddr *)&where, sizeof where) < 0 || listen(fd, backlog) < 0) return closing(fd);
    return fd;
}

int gantry_connect(int dirfd, const char *name) {
    struct sockaddr_un where;
    if (address(&where, dirfd, name) < 0) return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&where, sizeof where) < 0) return closing(fd);
    return fd;
}

int gantry_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int gantry_peer_uid(int fd, uid_t *uid) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
    *uid = peer.uid;
    return 0;
}

int gantry_pair(int pair[2]) { return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair); }

void gantry_receive_timeout(int fd, int64_t milliseconds) {
    struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}

ssize_t gantry_receive(int fd, void *buffer, size_t length, int *fds, size_t *count) {
    char control[CMSG_SPACE(MAX_DESCRIPTORS * sizeof(int))];
    struct iovec part = {.iov_base = buffer, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    size_t room = *count;
    *count = 0;
    ssize_t got;
    do got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
        size_t sent = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < sent; i++) {
            int one;
            memcpy(&one, CMSG_DATA(part) + i * sizeof(int), sizeof one);
            if (*count < room) fds[(*count)++] = one;
            else close(one);
        }
    }
    return got;
}

ssize_t gantry_send(int fd, const void *buffer, size_t length, const int *fds, size_t count) {
    char control[CMSG_SPACE(MAX_DESCRIPTORS * sizeof(int))];
    struct iovec part = {.iov_base = (void *)buffer, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > MAX_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    if (count > 0) {
        memset(control, 0, sizeof control);
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    }
    ssize_t sent;
    do sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

bool gantry_all_was_read(int fd) {
    int unread = 0;
    // In this order: a peer that closes its end leaves the error before it drops what it has not read.
    if (ioctl(fd, SIOCOUTQ, &unread) < 0 || unread > 0) return false;
    return gantry_socket_error(fd) == 0;
}

int gantry_enter_network(int fd) { return setns(fd, CLONE_NEWNET); }

union loopback {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static socklen_t loopback(union loopback *out, bool v6, uint16_t port) {
    memset(out, 0, sizeof *out);
    if (v6) {
        out->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        return sizeof out->v6;
    }
    out->v4 = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    return sizeof out->v4;
}

int gantry_connect_loopback(bool v6, uint16_t port, bool *waits) {
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int on = 1;
    // Whoever carries the bytes carries them as they come.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    union loopback where;
    socklen_t length = loopback(&where, v6, port);
    *waits = false;
    if (connect(fd, &where.any, length) == 0) return fd;
    if (errno != EINPROGRESS) return closing(fd);
    *waits = true;
    return fd;
}

int gantry_listen_loopback(bool v6, uint16_t *port) {
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    union loopback where;
    socklen_t length = loopback(&where, v6, *port);
    if (bind(fd, &where.any, length) < 0 || listen(fd, 128) < 0 || getsockname(fd, &where.any, &length) < 0)
        return closing(fd);
    *port = ntohs(v6 ? where.v6.sin6_port : where.v4.sin_port);
    return fd;
}

int gantry_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

int gantry_notify(const char *target, const char *message, bool waits) {
    struct sockaddr_un where;
    memset(&where, 0, sizeof where);
    size_t length = strlen(target);
    if (length < 2 || length >= sizeof where.sun_path) {
        errno = EINVAL;
        return -1;
    }
    where.sun_family = AF_UNIX;
    memcpy(where.sun_path, target, length);
    if (target[0] == '@') where.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (sendto(fd, message, strlen(message), MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT), (struct sockaddr *)&where, size) < 0) return closing(fd);
    close(fd);
    return 0;
}
