#ifndef BROKER_CSQLITE_SHIM_H
#define BROKER_CSQLITE_SHIM_H

#include <sqlite3.h>

// Variadic, so that Swift cannot call it: no statistics of memory, for which each allocation of all threads takes one lock.
// Must come before SQLite is used; returns SQLITE_MISUSE and changes nothing where it comes after.
static inline int broker_sqlite_count_no_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
