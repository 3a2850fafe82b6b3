// SPDX-License-Identifier: Apache-2.0

#ifndef BROKER_SUPERVISOR_H
#define BROKER_SUPERVISOR_H

#include "CProcess.h"

/// What a supervisor tells the agent, one message each.
enum broker_report_kind {
    /// The program runs; the value is its number.
    BROKER_REPORT_STARTED,
    /// The program could not be started; the value is an errno, and the supervisor has ended.
    BROKER_REPORT_FAILED,
    /// The program has ended; the value is its status. The supervisor stays while others of the run are left.
    BROKER_REPORT_ENDED,
};

struct broker_report {
    enum broker_report_kind kind;
    int value;
};

/// What a forked child does; all signals are blocked. `control` is its end of the socket to the agent.
_Noreturn void broker_supervise(const struct broker_spawn_request *request, int control);

#endif
