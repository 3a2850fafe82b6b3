// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CSpawn.h"

#include <spawn.h>

int broker_spawn_closing_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
