// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `host.reboot`: starts the host again.
struct HostReboot: ModifyOperation {
    let type = "host.reboot"

    struct Parameters: Decodable, Sendable {
        let delay: Int64
        let message: String?
        let waitForReturn: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let schedule = PowerSchedule(action: .reboot, delay: parameters.delay, message: parameters.message)
        guard parameters.waitForReturn else { return try schedule.plan(in: context) }
        return try schedule.planAwaitingReturn(in: context)
    }
}
