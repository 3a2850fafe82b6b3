// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `ping`: answers, and tells the agent's time.
struct Ping: Operation {
    let type = "ping"

    func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        if let fault = faultOfMembers(parameters) { return .invalidParameters(fault) }
        let data: JSONValue = ["pong": true, "agent_time": .string(context.now().description)]
        return RunOutcome(state: .completed, changed: false, data: data)
    }
}

/// What is wrong with the parameters of an operation that has none.
func faultOfMembers(_ parameters: JSONValue) -> String? {
    guard let members = parameters.object else { return "must be an object" }
    return members.keys.sorted().first.map { "unknown field '\($0)'" }
}
