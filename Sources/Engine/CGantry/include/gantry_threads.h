// Threads beside the supervisor's loop, and what is measured of the loop.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

// Runs `body` with `context` on a thread of its own: nobody waits for its end. It has every signal blocked that the caller has, a small
// stack and a working directory of its own. 0, or -1 and errno.
int gantry_thread(void (*body)(void *), void *context);

// The same with a table of descriptors of its own: 0 to 2 and those that are named, 48 at most. What it opens no child inherits: a child
// closes what it inherits when it executes, which waits for the file's disk, and whoever started it with it.
int gantry_thread_apart(void (*body)(void *), void *context, const int *kept, size_t count);

// All threads allocate from one heap: one for each would cost a supervisor hundreds of kilobytes.
void gantry_share_memory(void);

// System calls that may wait for a dead disk, each made by a process of its own that shares this one's memory and the thread's descriptors. A
// thread that waits in the kernel for a disk cannot be killed, and its process does not end before it; one that waits for such a helper can.
// Like the calls themselves: the result, or -1 and errno.
enum gantry_log_problem {
    GANTRY_LOG_OPEN,
    // A directory of its path cannot be made: the path is cut behind that one's name.
    GANTRY_LOG_DIRECTORY,
    GANTRY_LOG_FILE,
    // What is there is no regular file.
    GANTRY_LOG_KIND,
};

struct gantry_log_opening {
    // To append to; -1 when there is a problem.
    int fd;
    bool was_there;
    int error;
    enum gantry_log_problem problem;
};

// All that opening a log takes: the file is made (mode 0640) with the directories above it (0755) where they are missing, never through a symbolic
// link in its place.
struct gantry_log_opening gantry_aside_open_log(char *path);
int gantry_aside_unlink(const char *path);
// Of a file: lseek(2) to the end.
int64_t gantry_aside_end(int fd);
int gantry_aside_truncate(int fd, int64_t size);
ssize_t gantry_aside_write(int fd, const void *bytes, size_t count);
int gantry_aside_close(int fd);

// A non-blocking eventfd(2), or -1 and errno.
int gantry_eventfd(void);

// Makes it readable; makes it unreadable.
void gantry_event_set(int fd);
void gantry_event_clear(int fd);

// How many bytes a pipe or a terminal has for its reader; -1 and errno.
int gantry_bytes_waiting(int fd);

// What this thread has used of a processor, in nanoseconds.
int64_t gantry_processor_time(void);
