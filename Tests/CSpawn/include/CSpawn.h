// SPDX-License-Identifier: Apache-2.0

// What Swift cannot reach of the C library: a function behind _GNU_SOURCE.

#ifndef BROKER_CSPAWN_H
#define BROKER_CSPAWN_H

/// Has the child of these `posix_spawn_file_actions_t` close every descriptor from this one on. Returns 0 or an errno.
int broker_spawn_closing_from(void *actions, int first);

#endif
