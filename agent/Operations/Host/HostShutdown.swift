// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `host.shutdown`: turns the host off.
struct HostShutdown: ModifyOperation {
    let type = "host.shutdown"

    struct Parameters: Decodable, Sendable {
        let delay: Int64
        let message: String?
        let mode: String
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let action = PowerSchedule.Action(rawValue: parameters.mode) ?? .poweroff
        return try PowerSchedule(action: action, delay: parameters.delay, message: parameters.message).plan(in: context)
    }
}
