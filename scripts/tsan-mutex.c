// SPDX-License-Identifier: Apache-2.0
// Tells ThreadSanitizer of the slow paths of Swift's Synchronization.Mutex; preloaded by `make test-tsan`.
//
// The fast paths of Mutex are compiled into whoever uses it, with their atomics, and ThreadSanitizer sees them. The slow
// ones lie in libswiftSynchronization.so, which is not built for it: of a mutex that two threads wanted at once it does
// not see that the one waited for the other, and reports everything in `withLock` as a race. These functions stand in
// front of those of the library and say so. Nothing is suppressed: a race beside a mutex is still one.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Of the program's ThreadSanitizer; there is none in the programs that the tests start.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool try_lock_slow(SELF) __asm__(TRY_LOCK);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK);

typedef SWIFT void (*lock_function)(uint32_t thread, SELF);
typedef SWIFT bool (*try_lock_function)(SELF);
typedef SWIFT void (*unlock_function)(SELF);

static lock_function lock_original;
static try_lock_function try_lock_original;
static unlock_function unlock_original;

__attribute__((constructor)) static void find_originals(void) {
    lock_original = (lock_function)dlsym(RTLD_NEXT, LOCK);
    try_lock_original = (try_lock_function)dlsym(RTLD_NEXT, TRY_LOCK);
    unlock_original = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void lock_slow(uint32_t thread, SELF) {
    lock_original(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT bool try_lock_slow(SELF) {
    bool is_locked = try_lock_original(self);
    if (is_locked && __tsan_acquire) __tsan_acquire(self);
    return is_locked;
}

SWIFT void unlock_slow(SELF) {
    if (__tsan_release) __tsan_release(self);
    unlock_original(self);
}
