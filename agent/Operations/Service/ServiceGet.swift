// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `service.get`: how a unit is.
struct ServiceGet: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let unit: String
    }

    let type = "service.get"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        try await Systemd(context, running: true).unit(Systemd.name(parameters.unit)).told
    }
}
