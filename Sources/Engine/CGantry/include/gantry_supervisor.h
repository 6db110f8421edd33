// What the supervisor needs of the kernel and Swift cannot call itself: variadic functions, unions, control messages, and
// everything that runs between fork and exec.
#pragma once

#include "gantry_threads.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/types.h>

// ---- processes ----

// What waitid(2) said of one child. `code` is the exit status, or the signal's number when `signalled`.
typedef struct {
    pid_t pid;
    int code;
    bool signalled;
} gantry_exit;

// An exited child, any or the given one (pid > 0), without blocking; `reap` false leaves it a zombie (WNOWAIT).
// 1: found, 0: none has exited, -1: errno (ECHILD: no such child).
int gantry_wait(pid_t pid, bool reap, gantry_exit *out);

// A process to be started.
typedef struct {
    int binary;                  // descriptor of the executable; -1: `path`
    const char *path;
    char *const *arguments;      // NULL-terminated, as is the environment
    char *const *environment;
    const int *descriptors;      // what becomes 0, 1, 2 and on; others that are close-on-exec do not get there
    size_t count;
    bool leads_group;            // in a process group of its own
    int oom_score;               // see gantry_oom_score
    bool oom_at_least;
} gantry_program;

// Every signal by default, also those that were inherited as ignored. For between fork and exec.
void gantry_default_signals(void);

// Starts it with no signal blocked or ignored. The new process's id, or -1 and errno, also of the exec.
pid_t gantry_spawn(const gantry_program *program);

// Sets this process's OOM score (proc(5), oom_score_adj), or with `at_least` only where it is lower. Raising it is always allowed, lowering it not
// below the lowest that it had before. 0, or -1 and errno.
int gantry_oom_score(int score, bool at_least);

// pidfd_open(2), pidfd_send_signal(2): 0 or a descriptor, -1 and errno.
int gantry_pidfd_open(pid_t pid);
int gantry_pidfd_signal(int pidfd, int signal);

// A signalfd (non-blocking, close-on-exec) for `count` signals, which are blocked; SIGPIPE is ignored from then on.
int gantry_signals(const int *signals, size_t count);

// From now on orphaned descendants become this process's children. 0 or -1.
int gantry_become_subreaper(void);

// The capability bounding set, bit n for capability n.
uint64_t gantry_bounding_set(void);

// malloc_trim(3).
void gantry_trim_memory(void);

// ---- namespaces ----

// The CLONE_NEW* of clone(2).
enum {
    GANTRY_NEW_UTS = 0x04000000,
    GANTRY_NEW_IPC = 0x08000000,
    GANTRY_NEW_USER = 0x10000000,
    GANTRY_NEW_NETWORK = 0x40000000,
};

// PID 1 of a pod's shared PID namespace.
typedef struct {
    int program;   // of gantry_pod_init_program; -1: none
    uid_t uid;     // what it runs as, in the pod's user namespace
    gid_t gid;
} gantry_pod_init;

typedef struct {
    int flags;              // GANTRY_NEW_*
    int cgroup;             // of v2, a directory that the holder, and the pod's init, begin in; -1: the supervisor's own
    const char *hostname;   // NULL: left alone
    bool loopback_up;
    const char *const *sysctl_paths;   // below /proc/sys
    const char *const *sysctl_values;
    size_t sysctl_count;
    gantry_pod_init pod_init;
} gantry_namespaces;

// What the holder process reports once everything in the request is done or failed.
typedef struct {
    int32_t step;       // 0: done; else one of GANTRY_STEP_*
    int32_t error;      // errno of the step
    int32_t index;      // of the sysctl; of the init GANTRY_INIT_*
    int32_t init;       // pid of the pod's init
} gantry_namespaces_report;

enum { GANTRY_STEP_IDS = 1, GANTRY_STEP_HOSTNAME, GANTRY_STEP_LOOPBACK, GANTRY_STEP_SYSCTL, GANTRY_STEP_INIT };

// What the init gives up, one after the other.
enum {
    GANTRY_INIT_DESCRIPTORS = 1,
    GANTRY_INIT_SIGNALS,
    GANTRY_INIT_CGROUP,
    GANTRY_INIT_ROOT,
    GANTRY_INIT_LIMITS,
    GANTRY_INIT_CAPABILITIES,
    GANTRY_INIT_USER,
    GANTRY_INIT_EXECUTE,
};

// Makes a child that holds the new namespaces until `*channel` is closed. With CLONE_NEWUSER it waits for a byte on the channel, to be
// sent when its id maps are written, and becomes root in there. Then a report arrives on the channel. A further byte makes it write the
// sysctls, which may be those of interfaces that did not exist before, and report again. -1 and errno on failure.
pid_t gantry_namespaces_start(const gantry_namespaces *request, int *channel);

// The program of a pod's init, a sealed file in memory: a descriptor, close-on-exec, or -1 and errno. It reaps, and ends with SIGKILL alone.
int gantry_pod_init_program(void);

// ---- sockets ----

// A listening stream socket `name` in the directory `dirfd`, mode 0600, of any path length.
int gantry_listen(int dirfd, const char *name, int backlog);
// A connection to it (blocking).
int gantry_connect(int dirfd, const char *name);
int gantry_accept(int fd);
int gantry_peer_uid(int fd, uid_t *uid);
int gantry_pair(int pair[2]);
void gantry_receive_timeout(int fd, int64_t milliseconds);

// recvmsg(2) with descriptors, which are close-on-exec; at most `*count` of them, the rest is closed.
ssize_t gantry_receive(int fd, void *buffer, size_t length, int *fds, size_t *count);
ssize_t gantry_send(int fd, const void *buffer, size_t length, const int *fds, size_t count);
// Whether the peer of this Unix socket has read all that was sent to it; also known after it has closed its end.
bool gantry_all_was_read(int fd);

// Makes the network namespace that `fd` is the calling thread's (setns(2)). 0 or -1.
int gantry_enter_network(int fd);
// A non-blocking TCP socket that is being connected to a port of the loopback of the calling thread's network namespace; `waits` tells whether
// it is not yet: it becomes writable then. -1 and errno.
int gantry_connect_loopback(bool v6, uint16_t port, bool *waits);
// One that listens there, and the port that it has got, where `*port` is 0. -1 and errno.
int gantry_listen_loopback(bool v6, uint16_t *port);
// What became of a connection (SO_ERROR): 0 or an errno value.
int gantry_socket_error(int fd);

// One datagram to a notify socket: a path or, beginning with '@', an abstract name. 0, or -1 and errno;
// EAGAIN when who listens there has no room just now and it is not to wait.
int gantry_notify(const char *address, const char *message, bool waits);

// ---- files ----

// A descriptor that names a file or directory and gives no access to its content (O_PATH).
int gantry_open_path(const char *path);
// The magic number of the file system that `path` is on (statfs(2)); -1 and errno.
int64_t gantry_filesystem(const char *path);
// The same of an open descriptor (fstatfs(2)).
int64_t gantry_filesystem_of(int fd);
// pipe2(2), both ends close-on-exec.
int gantry_pipe(int ends[2]);
// O_PATH, for gantry_open_in_root.
int gantry_o_path(void);
// An anonymous file with `length` bytes, its offset at the beginning, close-on-exec.
int gantry_memory_file(const void *bytes, size_t length);
int gantry_close_on_exec(int fd);
int gantry_nonblocking(int fd);
// open_tree(2) as a detached copy, made to show ids of the user namespace; -1 and errno.
int gantry_open_idmapped(const char *path, int userns);
// An executable, detached and read-only: what runs from it cannot be overwritten by way of /proc/PID/exe; -1 and errno.
int gantry_open_readonly(const char *path);
int gantry_move_mount(int fd, const char *target);
// A terminal's size. 0 or -1.
int gantry_window_size(int fd, uint16_t rows, uint16_t columns);
