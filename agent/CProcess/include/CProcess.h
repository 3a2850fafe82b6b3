// SPDX-License-Identifier: Apache-2.0

// What Swift cannot reach of the C library: functions behind _GNU_SOURCE, variadic ones and macros.

#ifndef BROKER_CPROCESS_H
#define BROKER_CPROCESS_H

#include <sys/types.h>

/// What to start, and with what.
struct broker_spawn_request {
    /// The program's file.
    const char *path;
    /// Arguments and environment, each ended by a null pointer.
    char *const *arguments;
    char *const *environment;
    /// The directory to start in.
    const char *directory;
    /// What becomes descriptors 0, 1 and 2; no other descriptor is passed on.
    int input;
    int output;
    int error;
};

/// How a process ended.
struct broker_process_end {
    /// 1 when it has ended, else 0, and the rest means nothing.
    int ended;
    /// The exit code, or -1 when a signal ended it.
    int exit_code;
    /// The signal that ended it, or 0.
    int signal;
};

/// Starts a process as the leader of a new session and process group, with the default action for every signal and
/// none blocked. Returns 0 or an errno, also for what failed after the fork.
int broker_spawn(const struct broker_spawn_request *request, pid_t *pid);

/// A descriptor that becomes readable when the process has ended; -1 with errno where the kernel has none (< 5.3).
int broker_pidfd(pid_t pid);

/// How the process ended; it stays a zombie, so that its number, and that of its group, is not given to others.
/// Waits for the end if `wait` is not 0. Returns 0 or an errno.
int broker_process_end(pid_t pid, int wait, struct broker_process_end *end);

/// Lets go of a process that has ended; waits until then.
void broker_process_reap(pid_t pid);

/// A pipe whose ends are closed in children and whose numbers are above 2. Returns 0 or an errno.
int broker_pipe(int *read_end, int *write_end);

/// An event counter that does not block and is closed in children; -1 with errno on failure.
int broker_eventfd(void);

/// Makes a descriptor not block. Returns 0 or an errno.
int broker_set_nonblocking(int descriptor);

/// Blocks every signal in the calling thread, SIGPIPE too, so that a write to a closed pipe fails with EPIPE.
void broker_block_signals(void);

#endif
