// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `host.facts`: what the host is made of.
struct HostFactsOperation: ReadOperation {
    let type = "host.facts"

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        .object(context.facts())
    }
}
