// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `host.facts`: what the host is made of.
struct HostFactsOperation: Operation {
    let type = "host.facts"

    func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        if let fault = faultOfMembers(parameters) { return .invalidParameters(fault) }
        return RunOutcome(state: .completed, changed: false, data: .object(HostFacts.collect()))
    }
}
