// SPDX-License-Identifier: Apache-2.0
// A wall clock that a test can set while a program runs by it; the other clocks are left alone. The tests of clocks
// compile it and preload it.
//
// Debian's libfaketime 0.9.10 does not do: it moves CLOCK_BOOTTIME as well, on which Swift's ContinuousClock counts, so
// that nothing that sleeps wakes up again; and it changes the environment before Swift looks for the arguments behind it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// How far the clock is off, in nanoseconds; in the file that BROKER_TEST_CLOCK names.
static const volatile int64_t *offset;
static int (*original)(clockid_t, struct timespec *);

__attribute__((constructor)) static void open_clock(void) {
    original = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("BROKER_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *memory = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (memory != MAP_FAILED) offset = memory;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    // Others may ask before this library is set up.
    if (!original) open_clock();
    int result = original(clock, time);
    if (result != 0 || !offset || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
    int64_t nanoseconds = time->tv_sec * INT64_C(1000000000) + time->tv_nsec + *offset;
    time->tv_sec = nanoseconds / 1000000000;
    time->tv_nsec = nanoseconds % 1000000000;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
