#define _GNU_SOURCE
#include "gantry_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Between fork and exec, in memory that is shared with the parent, which waits: nothing but system calls.
static void become(const gantry_program *program) {
    for (size_t i = 0; i < program->count; i++) {
        int fd = program->descriptors[i];
        // dup2(2) of a descriptor to itself would leave it close-on-exec.
        if (fd == (int)i ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, (int)i) < 0) return;
    }
    if (program->leads_group && setpgid(0, 0) < 0) return;
    signal(SIGPIPE, SIG_DFL);
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
