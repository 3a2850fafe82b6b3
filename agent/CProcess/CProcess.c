// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CProcess.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/// Moves a descriptor above 2, where it cannot be in the way of what the child gets there.
static int above_standard(int *descriptor) {
    if (*descriptor > 2) return 0;
    int moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) return errno;
    close(*descriptor);
    *descriptor = moved;
    return 0;
}

/// A pair of sockets for whole messages, closed in children. Returns 0 or an errno.
static int socket_pair(int ends[2]) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return errno;
    int failure = above_standard(&ends[0]);
    if (failure == 0) failure = above_standard(&ends[1]);
    if (failure == 0) return 0;
    close(ends[0]);
    close(ends[1]);
    return failure;
}

/// Reads a message; answers its size, 0 for the end of the other side, or -1.
static ssize_t receive(int control, struct broker_report *report, int flags) {
    ssize_t count;
    do {
        count = recv(control, report, sizeof *report, flags);
        // A reset is told before what was sent ahead of it.
    } while (count < 0 && (errno == EINTR || errno == ECONNRESET));
    return count;
}

/// Forks a supervisor; returns its number, or -1 with errno.
static pid_t fork_supervisor(const struct broker_spawn_request *request, const int ends[2]) {
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    pid_t pid = fork();
    if (pid == 0) broker_supervise(request, ends[1]);
    int failure = errno;
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    errno = failure;
    return pid;
}

int broker_spawn(const struct broker_spawn_request *request, struct broker_run *run) {
    int ends[2];
    int failure = socket_pair(ends);
    if (failure != 0) return failure;
    run->supervisor = fork_supervisor(request, ends);
    failure = run->supervisor < 0 ? errno : 0;
    close(ends[1]);
    if (failure == 0) {
        struct broker_report report;
        ssize_t count = receive(ends[0], &report, 0);
        if (count == sizeof report && report.kind == BROKER_REPORT_STARTED) {
            run->pid = report.value;
            run->control = ends[0];
            return 0;
        }
        failure = count == sizeof report ? report.value : ECHILD;
        broker_run_reap(run->supervisor);
    }
    close(ends[0]);
    return failure;
}

void broker_run_next(int control, struct broker_run_event *event) {
    struct broker_report report;
    memset(event, 0, sizeof *event);
    ssize_t count = receive(control, &report, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (count != sizeof report) {
        event->kind = BROKER_RUN_IS_OVER;
        return;
    }
    if (report.kind != BROKER_REPORT_ENDED) return;
    event->kind = BROKER_RUN_PROGRAM_ENDED;
    event->exit_code = WIFEXITED(report.value) ? WEXITSTATUS(report.value) : -1;
    event->signal = WIFSIGNALED(report.value) ? WTERMSIG(report.value) : 0;
}

void broker_run_order(int control, enum broker_order order) {
    char byte = (char)order;
    send(control, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void broker_run_reap(pid_t supervisor) {
    while (waitpid(supervisor, NULL, 0) < 0 && errno == EINTR) {}
}

int broker_pipe(int *read_end, int *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    int failure = above_standard(&ends[0]);
    if (failure == 0) failure = above_standard(&ends[1]);
    if (failure != 0) {
        close(ends[0]);
        close(ends[1]);
        return failure;
    }
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

int broker_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int broker_pidfd(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int broker_pidfd_signal(int descriptor, int signal) {
    return syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0) == 0 ? 0 : errno;
}

int broker_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) return errno;
    return 0;
}

void broker_block_signals(void) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
}
