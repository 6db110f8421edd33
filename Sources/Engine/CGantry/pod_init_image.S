/* The whole program that is PID 1 of a pod's shared PID namespace, as an ELF file of a few hundred bytes: containers may look at it, and trace
 * it. It marks itself as not to be traced without privilege, forbids itself every system call but the one that waits, and waits. What was
 * orphaned is reaped by the kernel, since SIGCHLD was set to be ignored before (sigaction(2)).
 *
 * Nothing in here is executed by the supervisor: it copies the bytes into a sealed file in memory. */

#define BASE 0x400000

#if defined(__x86_64__)
#define MACHINE 62              /* EM_X86_64 */
#define ARCHITECTURE 0xC000003E /* AUDIT_ARCH_X86_64 */
#define PPOLL 271
#elif defined(__aarch64__)
#define MACHINE 183             /* EM_AARCH64 */
#define ARCHITECTURE 0xC00000B7 /* AUDIT_ARCH_AARCH64 */
#define PPOLL 73
#endif

    .section .rodata
    .globl gantry_pod_init_begin
    .globl gantry_pod_init_end
    .p2align 4
gantry_pod_init_begin:
#ifdef MACHINE
    /* The header (elf(5)). */
    .byte 0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
    .2byte 2, MACHINE                                       /* ET_EXEC */
    .4byte 1
    .8byte BASE + (entry - gantry_pod_init_begin)
    .8byte 64, 0                                            /* program headers follow; no sections */
    .4byte 0
    .2byte 64, 56, 2, 0, 0, 0
    /* Read and execute; nothing may be written but the stack, which is not executed. */
    .4byte 1, 5
    .8byte 0, BASE, BASE
    .8byte gantry_pod_init_end - gantry_pod_init_begin, gantry_pod_init_end - gantry_pod_init_begin
    .8byte 0x10000
    .4byte 0x6474e551, 6                                    /* PT_GNU_STACK */
    .8byte 0, 0, 0, 0, 0, 16

    /* Linux, linux/filter.h: this architecture's ppoll(2) is allowed, all else is EPERM. */
filter:
    .2byte 0x20; .byte 0, 0; .4byte 4                       /* load the architecture */
    .2byte 0x15; .byte 0, 3; .4byte ARCHITECTURE            /* another: refuse */
    .2byte 0x20; .byte 0, 0; .4byte 0                       /* load the number */
    .2byte 0x15; .byte 0, 1; .4byte PPOLL                   /* another: refuse */
    .2byte 0x06; .byte 0, 0; .4byte 0x7fff0000              /* SECCOMP_RET_ALLOW */
    .2byte 0x06; .byte 0, 0; .4byte 0x00050001              /* SECCOMP_RET_ERRNO, EPERM */
program:
    .2byte 6, 0, 0, 0
    .8byte BASE + (filter - gantry_pod_init_begin)
name:
    .asciz "pod-init"
    .p2align 4
entry:
#if defined(__x86_64__)
    /* prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) */
    movl $157, %eax
    movl $4, %edi
    xorl %esi, %esi
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    syscall
    testl %eax, %eax
    jnz failed
    /* prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) */
    movl $157, %eax
    movl $1, %edi
    movl $9, %esi
    syscall
    /* prctl(PR_SET_NAME, name, 0, 0, 0) */
    movl $157, %eax
    movl $15, %edi
    leaq name(%rip), %rsi
    syscall
    /* prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) */
    movl $157, %eax
    movl $22, %edi
    movl $2, %esi
    leaq program(%rip), %rdx
    syscall
    testl %eax, %eax
    jnz failed
wait:
    movl $PPOLL, %eax
    xorl %edi, %edi
    xorl %esi, %esi
    xorl %edx, %edx
    xorl %r10d, %r10d
    xorl %r8d, %r8d
    syscall
    jmp wait
failed:
    movl $231, %eax                                         /* exit_group(126) */
    movl $126, %edi
    syscall
    hlt
#else
    mov x8, #167
    mov x0, #4
    mov x1, #0
    mov x2, #0
    mov x3, #0
    mov x4, #0
    svc #0
    cbnz x0, failed
    mov x8, #167
    mov x0, #1
    mov x1, #9
    svc #0
    mov x8, #167
    mov x0, #15
    adr x1, name
    svc #0
    mov x8, #167
    mov x0, #22
    mov x1, #2
    adr x2, program
    svc #0
    cbnz x0, failed
wait:
    mov x8, #PPOLL
    mov x0, #0
    mov x1, #0
    mov x2, #0
    mov x3, #0
    mov x4, #0
    svc #0
    b wait
failed:
    mov x8, #94
    mov x0, #126
    svc #0
    udf #0
#endif
    .p2align 3
#endif
gantry_pod_init_end:
    .byte 0

    .section .note.GNU-stack, "", %progbits
