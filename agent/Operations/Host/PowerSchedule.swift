// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What makes a host go away in a while: by its own `shutdown`, so that those who are logged in are told and all ends in
/// order, and later than the run, so that its outcome is recorded before.
struct PowerSchedule: Sendable {
    /// What happens then.
    enum Action: String, Sendable {
        case reboot
        case poweroff
        case halt

        /// The option of shutdown(8).
        fileprivate var option: String {
            switch self {
            case .reboot: "-r"
            case .poweroff: "-P"
            case .halt: "-H"
            }
        }
    }

    let action: Action
    /// Seconds.
    let delay: Int64
    let message: String?

    /// The plan of an operation that does this.
    ///
    /// - Throws: `skipped` where the host has no `shutdown`.
    func plan(in context: OperationContext) throws(OperationError) -> Plan {
        guard context.hasTool("shutdown") else { throw .notApplicable("this host has no 'shutdown'") }
        let then = JSONValue.string("\(action.rawValue) in \(Duration.seconds(delay).humanText)")
        let data: [String: JSONValue] = ["action": .string(action.rawValue), "delay": .int(delay)]
        return Plan([Plan.Change("host", from: "running", to: then)], data: data) {
            _ = try await context.tool(command(isSystemd: Systemd.isBooted))
            return ["at": .string((context.now() + .seconds(delay)).description)]
        }
    }

    /// The command that returns at once and has it happen later.
    ///
    /// systemd's `shutdown` counts by minutes and does not wait; others stay until it is time, and so are left behind.
    func command(isSystemd: Bool) -> [String] {
        let words = message.map { [$0] } ?? []
        if isSystemd, delay % 60 == 0 {
            return ["shutdown", action.option, "--", "+\(delay / 60)"] + words
        }
        let now = ["shutdown", action.option, "--", "now"] + words
        if isSystemd {
            let unit = "--unit=broker-\(action.rawValue)-\(UInt32.random(in: .min ... .max))"
            return [
                "systemd-run", "--quiet", "--collect", unit, "--on-active=\(delay)s", "--timer-property=AccuracySec=1s",
            ]
                + ["--"] + now
        }
        let script = #"delay=$1; shift; { trap '' HUP; sleep "$delay"; exec "$@"; } </dev/null >/dev/null 2>&1 &"#
        return ["sh", "-c", script, "sh", "\(delay)"] + now
    }
}
