#define _GNU_SOURCE
#include "gantry_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Also called between vfork and exec: no memory is allocated, nothing locked.
int gantry_oom_score(int score, bool at_least) {
    int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (fd < 0) return -1;
    char text[16];
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    if (length > 0) {
        text[length] = 0;
        int own = atoi(text);
        bool is_fine = at_least ? own >= score : own == score;
        length = is_fine ? 0 : snprintf(text, sizeof text, "%d", score);
        if (!is_fine) length = pwrite(fd, text, (size_t)length, 0);
    }
    int error = errno;
    close(fd);
    errno = error;
    return length < 0 ? -1 : 0;
}

// Straight to the kernel: the C library refuses its own two (32 and 33), which a process may have inherited as ignored all the same.
void gantry_default_signals(void) {
    // Room for the kernel's struct sigaction, whose fields differ from the C library's: all of them zero is SIG_DFL with no flags and an empty mask.
    static const uint64_t by_default[4];
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, by_default, NULL, sizeof(uint64_t));
}

// Between fork and exec, in memory that is shared with the parent, which waits: nothing but system calls.
static void become(const gantry_program *program) {
    for (size_t i = 0; i < program->count; i++) {
        int fd = program->descriptors[i];
        // dup2(2) of a descriptor to itself would leave it close-on-exec.
        if (fd == (int)i ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, (int)i) < 0) return;
    }
    if (program->leads_group && setpgid(0, 0) < 0) return;
    // An ordinary score that cannot be had is no reason not to run.
    if (gantry_oom_score(program->oom_score, program->oom_at_least) < 0 && !program->oom_at_least) return;
    gantry_default_signals();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (program->binary < 0) {
        execve(program->path, program->arguments, program->environment);
    } else {
        syscall(SYS_execveat, program->binary, "", program->arguments, program->environment, AT_EMPTY_PATH);
    }
}

pid_t gantry_spawn(const gantry_program *program) {
    // No handler of the parent's may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    volatile int error = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        become(program);
        error = errno;
        _exit(127);
    }
    if (pid < 0) error = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (error == 0) return pid;
    if (pid > 0) {
        // It is gone already, and nobody else knows of it.
        siginfo_t info;
        while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR) continue;
    }
    errno = error;
    return -1;
}
