#define _GNU_SOURCE
#include "gantry_supervisor.h"
#include "pod_init.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(
    GANTRY_NEW_UTS == CLONE_NEWUTS && GANTRY_NEW_IPC == CLONE_NEWIPC && GANTRY_NEW_USER == CLONE_NEWUSER
        && GANTRY_NEW_NETWORK == CLONE_NEWNET,
    "the kernel's flags");

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

// fork(2) with namespaces. The supervisor has one thread, so the child may go on in C code.
static pid_t clone_process(unsigned long flags) { return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0); }

// The same into a cgroup (Linux 5.7).
static pid_t clone_into(unsigned long flags, int cgroup) {
    if (cgroup < 0) return clone_process(flags);
    // struct clone_args of clone(2): the C library's headers may be older.
    uint64_t arguments[11] = {flags | CLONE_INTO_CGROUP, 0, 0, 0, SIGCHLD, 0, 0, 0, 0, 0, (uint64_t)cgroup};
    return (pid_t)syscall(SYS_clone3, arguments, sizeof arguments);
}

static int loopback_up(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct ifreq request;
    memset(&request, 0, sizeof request);
    strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
    int result = ioctl(fd, SIOCSIFFLAGS, &request);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static int write_sysctl(const char *path, const char *value) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    size_t length = strlen(value);
    ssize_t written = write(fd, value, length);
    int error = written < 0 ? errno : EINVAL;
    close(fd);
    errno = error;
    return written == (ssize_t)length ? 0 : -1;
}

// A child of the supervisor. Success is known once it has become the program: the channel is closed then.
static int start_init(const gantry_pod_init *init, gantry_namespaces_report *report) {
    int channel[2];
    if (pipe2(channel, O_CLOEXEC) < 0) return -1;
    pid_t pid = clone_process(CLONE_NEWPID | CLONE_NEWNS | CLONE_PARENT);
    if (pid == 0) gantry_become_pod_init(init, channel[1]);
    int error = errno;
    close(channel[1]);
    report->init = pid;
    int32_t failure[2];
    ssize_t got = 0;
    if (pid > 0) {
        do got = read(channel[0], failure, sizeof failure);
        while (got < 0 && errno == EINTR);
    }
    close(channel[0]);
    errno = error;
    if (pid < 0) return -1;
    if (got == 0) return 0;
    report->index = got == sizeof failure ? failure[0] : 0;
    errno = got == sizeof failure ? failure[1] : EIO;
    return -1;
}

static void settle(const gantry_namespaces *request, int channel, gantry_namespaces_report *report) {
    if (request->flags & CLONE_NEWUSER) {
        char go;
        report->step = GANTRY_STEP_IDS;
        if (read(channel, &go, 1) != 1) _exit(1);
        if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) return;
    }
    report->step = GANTRY_STEP_HOSTNAME;
    if (request->hostname && sethostname(request->hostname, strlen(request->hostname)) < 0) return;
    report->step = GANTRY_STEP_LOOPBACK;
    if (request->loopback_up && loopback_up() < 0) return;
    report->step = GANTRY_STEP_INIT;
    if (request->pod_init.program >= 0 && start_init(&request->pod_init, report) < 0) return;
    report->step = 0;
}

static void write_sysctls(const gantry_namespaces *request, gantry_namespaces_report *report) {
    report->step = GANTRY_STEP_SYSCTL;
    for (size_t i = 0; i < request->sysctl_count; i++) {
        report->index = (int32_t)i;
        if (write_sysctl(request->sysctl_paths[i], request->sysctl_values[i]) < 0) return;
    }
    report->step = 0;
}

static void tell(int channel, gantry_namespaces_report *report) {
    report->error = report->step ? errno : 0;
    if (write(channel, report, sizeof *report) != sizeof *report) _exit(1);
}

_Noreturn static void hold(const gantry_namespaces *request, int channel) {
    gantry_namespaces_report report;
    memset(&report, 0, sizeof report);
    // A supervisor killed at this very moment must not leave the holder behind. A change of ids clears the setting.
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    // The supervisor's protection is its own. Before the ids change: afterwards the file may be another user's.
    gantry_oom_score(0, true);
    settle(request, channel, &report);
    // errno is the report's.
    int error = errno;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    errno = error;
    tell(channel, &report);
    char go;
    ssize_t got;
    while ((got = read(channel, &go, 1)) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        write_sysctls(request, &report);
        tell(channel, &report);
    }
    _exit(0);
}

pid_t gantry_namespaces_start(const gantry_namespaces *request, int *channel) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return -1;
    pid_t pid = clone_into((unsigned long)request->flags, request->cgroup);
    if (pid == 0) {
        close(pair[0]);
        hold(request, pair[1]);
    }
    int error = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        errno = error;
        return -1;
    }
    *channel = pair[0];
    return pid;
}
