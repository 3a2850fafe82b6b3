// SPDX-License-Identifier: Apache-2.0

// The supervisor of a run: a process between the agent and what the run starts.
//
// It is forked from an agent with many threads and executes no program, so it may only do what a signal handler may:
// no allocation, no stdio, no locks. It inherits every process of the run whose parent has ended, however that process
// has left its group and session, and so can end all of them, also when the agent is not there any more to ask for it.

#define _GNU_SOURCE
#include "CProcess.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/// What a supervisor knows.
struct supervisor {
    /// Its end of the socket to the agent; -1 when the agent has gone.
    int control;
    /// Readable when a child has ended.
    int children;
    /// The ends of the outputs that the agent reads; read here after the agent has left the run running.
    int outputs[2];
    /// `cgroup.kill` of the run's group, or -1.
    int group_kill;
    /// The process that was asked for; 0 when it has ended.
    pid_t main;
    /// Whether the agent has left the run running.
    int is_left;
};

static void report(const struct supervisor *self, enum broker_report_kind kind, int value) {
    struct broker_report report = {.kind = kind, .value = value};
    if (self->control >= 0) send(self->control, &report, sizeof report, MSG_NOSIGNAL);
}

// MARK: Preparing

static void close_from_to(unsigned first, unsigned last) {
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
    // A kernel before 5.9.
    struct rlimit limit;
    unsigned end = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < end) end = (unsigned)limit.rlim_cur;
    for (unsigned number = first; number <= last && number < end; number++) close((int)number);
}

/// Closes every descriptor but these; sorts them.
static void close_all_but(int *kept, int count) {
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && kept[j - 1] > kept[j]; j--) {
            int swapped = kept[j];
            kept[j] = kept[j - 1];
            kept[j - 1] = swapped;
        }
    unsigned next = 0;
    for (int i = 0; i < count; i++) {
        if (kept[i] < 0) continue;
        if ((unsigned)kept[i] > next) close_from_to(next, (unsigned)kept[i] - 1);
        next = (unsigned)kept[i] + 1;
    }
    close_from_to(next, UINT_MAX);
}

static void reset_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
}

/// Puts a descriptor where the program finds it; the program keeps it.
static int place(int descriptor, int number) {
    if (descriptor == number) return fcntl(descriptor, F_SETFD, 0);
    return dup2(descriptor, number) < 0 ? -1 : 0;
}

/// Becomes the program; tells of what fails by its errno in `failures`.
static _Noreturn void become(const struct broker_spawn_request *request, int failures) {
    sigset_t none;
    sigemptyset(&none);
    // Without a group of its own the run can do: the supervisor finds its processes all the same.
    if (request->group_processes >= 0) (void)!write(request->group_processes, "0", 1);
    // A supervisor that somebody kills takes the program along.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && setsid() >= 0 && place(request->input, 0) == 0
        && place(request->output, 1) == 0 && place(request->error, 2) == 0 && chdir(request->directory) == 0) {
        // `failures` is closed by the program's start, which is what tells of it.
        close_from_to(3, (unsigned)failures - 1);
        close_from_to((unsigned)failures + 1, UINT_MAX);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(request->path, request->arguments, request->environment);
    }
    int failure = errno;
    (void)!write(failures, &failure, sizeof failure);
    _exit(127);
}

/// Starts the program; answers 0 or an errno.
static int start(struct supervisor *self, const struct broker_spawn_request *request) {
    int read_end, write_end;
    int failure = broker_pipe(&read_end, &write_end);
    if (failure != 0) return failure;
    pid_t pid = vfork();
    if (pid == 0) become(request, write_end);
    if (pid < 0) return errno;
    close(write_end);
    ssize_t count;
    do {
        count = read(read_end, &failure, sizeof failure);
    } while (count < 0 && errno == EINTR);
    close(read_end);
    if (count == sizeof failure) {
        waitpid(pid, NULL, 0);
        return failure;
    }
    self->main = pid;
    return 0;
}

// MARK: Ending

/// Takes note of the children that have ended; does not come back when none is left.
static void reap(struct supervisor *self) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0) return;
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) _exit(0);
        if (pid != self->main) continue;
        self->main = 0;
        report(self, BROKER_REPORT_ENDED, status);
        // What a run that was left running leaves behind is nobody's any more.
        if (self->is_left) _exit(0);
    }
}

/// Reads a number in decimal digits and moves on behind it.
static int number_at(const char **text, const char *end) {
    int number = 0;
    while (*text < end && **text >= '0' && **text <= '9') number = number * 10 + (*(*text)++ - '0');
    return number;
}

/// Kills the children that the kernel lists; answers whether it lists them at all.
static int kill_listed_children(void) {
    int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char buffer[4096];
    ssize_t count;
    size_t kept = 0;
    while ((count = read(file, buffer + kept, sizeof buffer - kept)) > 0) {
        const char *end = buffer + kept + count, *text = buffer;
        for (;;) {
            while (text < end && *text == ' ') text++;
            const char *begin = text;
            int pid = number_at(&text, end);
            if (text == end || text == begin) {
                // The number may go on in the next part.
                kept = (size_t)(end - begin);
                memmove(buffer, begin, kept);
                break;
            }
            kill(pid, SIGKILL);
        }
    }
    close(file);
    return 1;
}

/// The parent that a process has, or 0.
static pid_t parent_of(int processes, const char *name) {
    char path[32], buffer[512];
    size_t length = strlen(name);
    if (length + sizeof "/stat" > sizeof path) return 0;
    memcpy(path, name, length);
    memcpy(path + length, "/stat", sizeof "/stat");
    int file = openat(processes, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, buffer, sizeof buffer);
    close(file);
    // `PID (NAME) STATE PARENT …`, where NAME may contain anything.
    const char *text = count > 0 ? memrchr(buffer, ')', (size_t)count) : NULL;
    if (text == NULL || buffer + count - text < 5) return 0;
    text += 4;
    return number_at(&text, buffer + count);
}

/// Kills the children by looking at all processes: for a kernel that does not list them.
static void kill_searched_children(void) {
    struct entry {
        uint64_t inode;
        int64_t offset;
        unsigned short length;
        unsigned char type;
        char name[];
    };
    int processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (processes < 0) return;
    _Alignas(struct entry) char buffer[8192];
    long count;
    pid_t self = getpid();
    while ((count = syscall(SYS_getdents64, processes, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < count;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            const char *name = entry->name, *end = name + strlen(name);
            int pid = number_at(&name, end);
            if (name == end && pid > 0 && parent_of(processes, entry->name) == self) kill(pid, SIGKILL);
            at += entry->length;
        }
    }
    close(processes);
}

/// Kills everything of the run and ends with the last of it.
static _Noreturn void kill_all(struct supervisor *self) {
    int patience = 10;
    for (;;) {
        if (self->group_kill >= 0) (void)!write(self->group_kill, "1", 1);
        // Its number is its own as long as its end was not taken note of.
        if (self->main > 0) kill(-self->main, SIGKILL);
        if (!kill_listed_children()) kill_searched_children();
        reap(self);
        // The children of those that died are children now: with each end the next are found.
        struct pollfd ends = {.fd = self->children, .events = POLLIN};
        struct signalfd_siginfo end;
        if (poll(&ends, 1, patience) > 0) while (read(self->children, &end, sizeof end) > 0) {}
        if (patience < 1000) patience *= 2;
    }
}

// MARK: Watching

static void obey(struct supervisor *self) {
    char order;
    ssize_t count = recv(self->control, &order, 1, 0);
    // A reset is told before what was sent ahead of it: that is read the next time.
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == ECONNRESET)) return;
    if (count == 1 && order == BROKER_ORDER_RELEASE) _exit(0);
    if (count == 1 && order == BROKER_ORDER_LEAVE) {
        if (self->main == 0) _exit(0);
        self->is_left = 1;
        return;
    }
    if (!self->is_left) kill_all(self);
    // The agent has gone, as it said that it would.
    close(self->control);
    self->control = -1;
}

/// Takes what a run that was left running writes, so that it is not stopped by a pipe that nobody reads.
static void discard(int *output) {
    char buffer[4096];
    ssize_t count = read(*output, buffer, sizeof buffer);
    if (count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN))) return;
    close(*output);
    *output = -1;
}

static _Noreturn void watch(struct supervisor *self) {
    for (;;) {
        reap(self);
        struct pollfd events[4] = {
            {.fd = self->children, .events = POLLIN},
            {.fd = self->control, .events = POLLIN},
            {.fd = self->is_left ? self->outputs[0] : -1, .events = POLLIN},
            {.fd = self->is_left ? self->outputs[1] : -1, .events = POLLIN},
        };
        if (poll(events, 4, -1) < 0) continue;
        struct signalfd_siginfo end;
        if (events[0].revents != 0) while (read(self->children, &end, sizeof end) > 0) {}
        if (events[1].revents != 0) obey(self);
        if (events[2].revents != 0) discard(&self->outputs[0]);
        if (events[3].revents != 0) discard(&self->outputs[1]);
    }
}

_Noreturn void broker_supervise(const struct broker_spawn_request *request, int control) {
    struct supervisor self = {
        .control = control,
        .children = -1,
        .outputs = {request->output_reader, request->error_reader},
        .group_kill = request->group_kill,
    };
    int kept[] = {
        control, request->input, request->output, request->error, request->output_reader, request->error_reader,
        request->group_processes, request->group_kill,
    };
    close_all_but(kept, sizeof kept / sizeof *kept);
    prctl(PR_SET_NAME, "broker-run");
    // Out of the agent's group: who kills that whole must not kill what is to end the run after the agent.
    setsid();
    reset_signals();
    // All signals stay blocked: what ends the run is the agent's order or end, nothing that comes from elsewhere.
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    self.children = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    int failure = 0;
    if (self.children < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) failure = errno;
    if (failure == 0) failure = start(&self, request);
    if (failure != 0) {
        report(&self, BROKER_REPORT_FAILED, failure);
        _exit(0);
    }
    close(request->input);
    close(request->output);
    close(request->error);
    if (request->group_processes >= 0) close(request->group_processes);
    report(&self, BROKER_REPORT_STARTED, self.main);
    watch(&self);
}
