// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `ping`: answers, and tells the agent's time.
struct Ping: ReadOperation {
    let type = "ping"

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        ["pong": true, "agent_time": .string(context.now().description)]
    }
}
