// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static int add_actions(posix_spawn_file_actions_t *actions, const struct broker_spawn_request *request) {
    int failure = posix_spawn_file_actions_adddup2(actions, request->input, 0);
    if (failure == 0) failure = posix_spawn_file_actions_adddup2(actions, request->output, 1);
    if (failure == 0) failure = posix_spawn_file_actions_adddup2(actions, request->error, 2);
    if (failure == 0) failure = posix_spawn_file_actions_addclosefrom_np(actions, 3);
    if (failure == 0) failure = posix_spawn_file_actions_addchdir_np(actions, request->directory);
    return failure;
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failure = posix_spawnattr_setsigmask(attributes, &none);
    if (failure == 0) failure = posix_spawnattr_setsigdefault(attributes, &all);
    if (failure == 0)
        failure = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return failure;
}

int broker_spawn(const struct broker_spawn_request *request, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure != 0) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure == 0) {
        failure = add_actions(&actions, request);
        if (failure == 0) failure = set_attributes(&attributes);
        if (failure == 0)
            failure = posix_spawn(
                pid, request->path, &actions, &attributes, request->arguments, request->environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

int broker_pidfd(pid_t pid) {
    // Not pidfd_open(): that needs glibc 2.36 on the host. The kernel sets close-on-exec by itself.
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

int broker_process_end(pid_t pid, int wait, struct broker_process_end *end) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    memset(end, 0, sizeof *end);
    int answer;
    do {
        answer = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG));
    } while (answer != 0 && errno == EINTR);
    if (answer != 0) return errno;
    if (info.si_pid == 0) return 0;
    end->ended = 1;
    end->exit_code = info.si_code == CLD_EXITED ? info.si_status : -1;
    end->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    return 0;
}

void broker_process_reap(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

/// Moves a descriptor above 2, where it cannot be in the way of what the child gets there.
static int above_standard(int *descriptor) {
    if (*descriptor > 2) return 0;
    int moved = fcntl(*descriptor, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) return errno;
    close(*descriptor);
    *descriptor = moved;
    return 0;
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
