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
    /// The other ends of the outputs; the supervisor reads them when the run is left running.
    int output_reader;
    int error_reader;
    /// `cgroup.procs` and `cgroup.kill` of a group of its own, open for writing; -1 for none.
    int group_processes;
    int group_kill;
};

/// A program that was started, and the supervisor above it.
struct broker_run {
    /// The process between the agent and everything that the run starts.
    pid_t supervisor;
    /// The program's process, which is the leader of a session and group.
    pid_t pid;
    /// A socket to the supervisor; closing it, as the end of the agent does, ends the run with SIGKILL.
    int control;
};

/// What a supervisor is told.
enum broker_order {
    /// Kill every process of the run, and end with the last of them.
    BROKER_ORDER_KILL = 'K',
    /// End; what is left of the run goes on without a supervisor.
    BROKER_ORDER_RELEASE = 'R',
    /// Stay without the agent until the program ends; its output is thrown away.
    BROKER_ORDER_LEAVE = 'L',
};

enum broker_run_event_kind {
    /// Nothing to tell.
    BROKER_RUN_NO_EVENT,
    /// The program has ended; others of the run may be left.
    BROKER_RUN_PROGRAM_ENDED,
    /// The supervisor has ended, which it does by itself when no process of the run is left.
    BROKER_RUN_IS_OVER,
};

/// What a supervisor tells.
struct broker_run_event {
    enum broker_run_event_kind kind;
    /// The exit code, or -1 when a signal ended the program.
    int exit_code;
    /// The signal that ended it, or 0.
    int signal;
};

/// Starts a program below a supervisor of its own: as the leader of a new session and process group, with the default
/// action for every signal and none blocked. Returns 0 or an errno, also for what failed after the fork.
int broker_spawn(const struct broker_spawn_request *request, struct broker_run *run);

/// What is to be told next; does not wait. The socket is readable when there is something.
void broker_run_next(int control, struct broker_run_event *event);

/// Tells the supervisor something; one that has ended does not hear it.
void broker_run_order(int control, enum broker_order order);

/// Lets the kernel forget a supervisor; waits until it has ended.
void broker_run_reap(pid_t supervisor);

/// A pipe whose ends are closed in children and whose numbers are above 2. Returns 0 or an errno.
int broker_pipe(int *read_end, int *write_end);

/// An event counter that does not block and is closed in children; -1 with errno on failure.
int broker_eventfd(void);

/// A descriptor of a process, which stays with it though its number is given to another one; closed in children. -1 with
/// errno on failure, where the kernel is older than 5.3 too.
int broker_pidfd(pid_t pid);

/// Sends a signal to the process of a descriptor. Returns 0 or an errno.
int broker_pidfd_signal(int descriptor, int signal);

/// Makes a descriptor not block. Returns 0 or an errno.
int broker_set_nonblocking(int descriptor);

/// Blocks every signal in the calling thread, SIGPIPE too, so that a write to a closed pipe fails with EPIPE.
void broker_block_signals(void);

#endif
