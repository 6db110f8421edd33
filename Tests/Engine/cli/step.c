/* step N MARK COMMAND...: stops COMMAND (SIGSTOP) before its Nth system call that others could notice, counted from the first one whose path begins
   with MARK. Prints "stopped PID" and waits for its end; "ended" where it has fewer of them. For a program of one thread. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_counted(long number) {
    switch (number) {
    case SYS_openat: case SYS_write: case SYS_read: case SYS_pread64: case SYS_getdents64: case SYS_flock: case SYS_fsync: case SYS_mkdir: case SYS_mkdirat:
    case SYS_rename: case SYS_renameat: case SYS_renameat2: case SYS_linkat: case SYS_unlink: case SYS_unlinkat: case SYS_inotify_add_watch: case SYS_umount2:
    case SYS_utimensat: case SYS_close:
        return 1;
    }
    return 0;
}

static int begins_with(pid_t child, unsigned long address, const char *mark) {
    char text[sizeof(long) + 1] = {0};
    for (size_t at = 0; at < strlen(mark); at += sizeof(long)) {
        long word = ptrace(PTRACE_PEEKDATA, child, address + at, 0);
        memcpy(text, &word, sizeof word);
        if (strncmp(text, mark + at, strlen(mark + at) < sizeof word ? strlen(mark + at) : sizeof word) != 0) return 0;
    }
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    long wanted = atol(argv[1]), count = 0;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        execv(argv[3], argv + 3);
        _exit(127);
    }
    int status, entering = 1;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    for (int signal = 0;;) {
        ptrace(PTRACE_SYSCALL, child, 0, signal);
        waitpid(child, &status, 0);
        if (!WIFSTOPPED(status)) break;
        signal = 0;
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
            signal = WSTOPSIG(status);
            continue;
        }
        if (entering) {
            struct user_regs_struct registers;
            ptrace(PTRACE_GETREGS, child, 0, &registers);
            long number = (long)registers.orig_rax;
            if (is_counted(number) && (count > 0 || (number == SYS_openat && begins_with(child, registers.rsi, argv[2]))) && ++count == wanted) {
                printf("stopped %d\n", child);
                fflush(stdout);
                ptrace(PTRACE_DETACH, child, 0, SIGSTOP);
                waitpid(child, &status, 0);
                return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            }
        }
        entering = !entering;
    }
    printf("ended\n");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
