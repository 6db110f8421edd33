#define _GNU_SOURCE
#include "pod_init.h"

#include "gantry_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

// The program, an ELF file (pod_init_image.S).
extern const unsigned char gantry_pod_init_begin[];
extern const unsigned char gantry_pod_init_end[];

static int closing(int fd) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

// Linux before 6.3 does not know the flag; later ones may be set to refuse executables without it.
static int executable_memory(void) {
    int fd = memfd_create("pod-init", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    return fd < 0 && errno == EINVAL ? memfd_create("pod-init", MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

int gantry_pod_init_program(void) {
    size_t size = (size_t)(gantry_pod_init_end - gantry_pod_init_begin);
    if (size == 0) {
        errno = ENOSYS;
        return -1;
    }
    int fd = executable_memory();
    if (fd < 0) return -1;
    if (pwrite(fd, gantry_pod_init_begin, size, 0) != (ssize_t)size) return closing(fd);
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) return closing(fd);
    // What is open for writing is not executed.
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int program = open(path, O_RDONLY | O_CLOEXEC);
    if (program < 0) return closing(fd);
    // Not to be read by whom it runs as: the kernel then keeps its memory from everybody without privilege over the file's owner.
    if (fchmod(fd, 0111) < 0) {
        closing(program);
        return closing(fd);
    }
    close(fd);
    return program;
}

static int own_signals(void) {
    gantry_default_signals();
    signal(SIGCHLD, SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    setsid();
    return sigprocmask(SIG_SETMASK, &none, NULL);
}

// An empty root that nothing can be written to, and no mount but it. /proc serves as a place that is there.
static int empty_root(void) {
    const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -1;
    if (mount("none", "/proc", "tmpfs", flags, "size=4096,nr_inodes=1,mode=0555") < 0) return -1;
    // Both in one place: the old root is on top of the new one until it is taken off (pivot_root(2), "pivot_root(".", ".")").
    if (chdir("/proc") < 0 || syscall(SYS_pivot_root, ".", ".") < 0) return -1;
    if (umount2(".", MNT_DETACH) < 0) return -1;
    return chdir("/");
}

static int small_limits(void) {
    const int none[] = {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE};
    const struct rlimit zero = {0, 0};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (setrlimit(none[i], &zero) < 0) return -1;
    }
    return 0;
}

// Nor any that could come back: by a set-user-id program, by a file's capabilities, by becoming root.
static int no_capabilities_to_gain(void) {
    const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP
        | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE
        | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0) return -1;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return -1;
    for (int cap = 0; cap < 64; cap++) {
        int has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
        if (has < 0) break;
        if (has && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) return -1;
    }
    return 0;
}

static int no_privileges(const gantry_pod_init *init) {
    if (setgroups(0, NULL) < 0) return -1;
    if (setresgid(init->gid, init->gid, init->gid) < 0) return -1;
    if (setresuid(init->uid, init->uid, init->uid) < 0) return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    memset(sets, 0, sizeof sets);
    if (syscall(SYS_capset, &header, sets) < 0) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

_Noreturn static void failed(int channel, int step) {
    int32_t report[2] = {step, errno};
    if (write(channel, report, sizeof report) < 0) _exit(127);
    _exit(127);
}

_Noreturn void gantry_become_pod_init(const gantry_pod_init *init, int channel) {
    enum { CHANNEL = 0, PROGRAM = 1 };
    // Neither may be where the other goes.
    int kept = fcntl(channel, F_DUPFD_CLOEXEC, 3), program = fcntl(init->program, F_DUPFD_CLOEXEC, 3);
    if (kept < 0 || program < 0) failed(channel, GANTRY_INIT_DESCRIPTORS);
    if (dup3(kept, CHANNEL, O_CLOEXEC) < 0 || dup3(program, PROGRAM, O_CLOEXEC) < 0) failed(kept, GANTRY_INIT_DESCRIPTORS);
    if (syscall(SYS_close_range, 2U, ~0U, 0U) < 0) failed(CHANNEL, GANTRY_INIT_DESCRIPTORS);
    if (own_signals() < 0) failed(CHANNEL, GANTRY_INIT_SIGNALS);
    umask(077);
    // Best effort: kernels may lack keys, and no system call is left to use one with.
    syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
    if (unshare(CLONE_NEWCGROUP) < 0 && errno != EINVAL) failed(CHANNEL, GANTRY_INIT_CGROUP);
    if (empty_root() < 0) failed(CHANNEL, GANTRY_INIT_ROOT);
    if (small_limits() < 0) failed(CHANNEL, GANTRY_INIT_LIMITS);
    if (no_capabilities_to_gain() < 0) failed(CHANNEL, GANTRY_INIT_CAPABILITIES);
    if (no_privileges(init) < 0) failed(CHANNEL, GANTRY_INIT_USER);
    // A change of ids has cleared it.
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    char *argv[] = {"pod-init", NULL};
    char *envp[] = {NULL};
    syscall(SYS_execveat, PROGRAM, "", argv, envp, AT_EMPTY_PATH);
    failed(CHANNEL, GANTRY_INIT_EXECUTE);
}
