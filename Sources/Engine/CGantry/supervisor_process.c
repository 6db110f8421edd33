#define _GNU_SOURCE
#include "gantry_supervisor.h"

#include <errno.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int gantry_wait(pid_t pid, bool reap, gantry_exit *out) {
    siginfo_t info;
    info.si_pid = 0;
    int options = WEXITED | WNOHANG | (reap ? 0 : WNOWAIT);
    while (waitid(pid > 0 ? P_PID : P_ALL, pid > 0 ? (id_t)pid : 0, &info, options) < 0) {
        if (errno != EINTR) return -1;
    }
    if (info.si_pid == 0) return 0;
    out->pid = info.si_pid;
    out->code = info.si_status;
    out->signalled = info.si_code != CLD_EXITED;
    return 1;
}

int gantry_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int gantry_pidfd_signal(int pidfd, int signal) { return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0); }

int gantry_signals(const int *signals, size_t count) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
    // One that was inherited as ignored would never be told, and an ignored SIGCHLD leaves no child to wait for.
    for (size_t i = 0; i < count; i++) signal(signals[i], SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int gantry_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

uint64_t gantry_bounding_set(void) {
    uint64_t set = 0;
    for (int cap = 0; cap < 64; cap++) {
        int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
        if (has < 0) break;
        if (has) set |= UINT64_C(1) << cap;
    }
    return set;
}

void gantry_trim_memory(void) { malloc_trim(0); }
