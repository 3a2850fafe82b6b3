// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What makes a host go away in a while: by its own `shutdown`, so that those who are logged in are told and all ends in
/// order, and later than the run has told of it.
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
    /// By what it can be found again, to be taken back.
    let name: String

    init(action: Action, delay: Int64, message: String?) {
        self.action = action
        self.delay = delay
        self.message = message
        name = "broker-\(action.rawValue)-\(UInt32.random(in: .min ... .max))"
    }

    /// The plan of an operation that does this and has ended by then.
    ///
    /// - Throws: `skipped` where the host has no `shutdown`.
    func plan(in context: OperationContext) throws(OperationError) -> Plan {
        guard context.hasTool("shutdown") else { throw .notApplicable("this host has no 'shutdown'") }
        return Plan([change("")], data: data) {
            let goesAt = context.now() + .seconds(delay)
            let isSystemd = Systemd.isBooted
            _ = try await context.tool(command(isSystemd: isSystemd))
            let takeBack = takeBack(isSystemd: isSystemd).command.map { $0.contains("[") ? "'\($0)'" : $0 }
            return ["at": .string(goesAt.description), "take_back": .string(takeBack.joined(separator: " "))]
        }
    }

    /// The plan of an operation that does this and goes on until the host is back.
    ///
    /// That it waits is written down before the host is told to go: whatever dies in between, the host does not go twice.
    ///
    /// - Throws: `skipped` where the host has no `shutdown`; `failed` where nobody would know of it after the return.
    func planAwaitingReturn(in context: OperationContext) throws(OperationError) -> Plan {
        guard context.hasTool("shutdown") else { throw .notApplicable("this host has no 'shutdown'") }
        if !context.isDryRun, context.returnWatch == nil {
            throw OperationError("no_ledger", "only an agent, on a host that names its starts, can wait for the return")
        }
        let change = change(", and back")
        let data = data.merging(["wait_for_return": true]) { $1 }
        return Plan([change], data: data) {
            guard let watch = context.returnWatch else { return [:] }
            let isSystemd = Systemd.isBooted
            let (takeBack, takenBack) = takeBack(isSystemd: isSystemd)
            let now = context.now()
            try await watch.note(
                AwaitedReturn(
                    bootID: watch.bootID,
                    goesAt: now + .seconds(delay),
                    backBefore: now + context.timeLeft,
                    takeBack: takeBack,
                    takenBack: takenBack,
                    data: Plan([change], data: data) { [:] }.told()
                )
            )
            _ = try await context.tool(command(isSystemd: isSystemd))
            return [:]
        }
    }

    private var data: [String: JSONValue] { ["action": .string(action.rawValue), "delay": .int(delay)] }

    private func change(_ more: String) -> Plan.Change {
        let then = "\(action.rawValue) in \(Duration.seconds(delay).humanText)\(more)"
        return Plan.Change("host", from: "running", to: .string(then))
    }

    /// The command that returns at once and has it happen later.
    ///
    /// systemd's `shutdown` counts by minutes and does not wait; others stay until it is time, and so are left behind.
    func command(isSystemd: Bool) -> [String] {
        let words = message.map { [$0] } ?? []
        if isSystemd, isByMinutes {
            return ["shutdown", action.option, "--", "+\(delay / 60)"] + words
        }
        let now = ["shutdown", action.option, "--", "now"] + words
        if isSystemd {
            let options = ["--on-active=\(delay)s", "--timer-property=AccuracySec=1s"]
            return ["systemd-run", "--quiet", "--collect", "--unit=\(name)"] + options + ["--"] + now
        }
        let script = #"delay=$1; shift; { trap '' HUP; sleep "$delay"; exec "$@"; } </dev/null >/dev/null 2>&1 &"#
        return ["sh", "-c", script, name, "\(delay)"] + now
    }

    private var isByMinutes: Bool { delay % 60 == 0 }

    /// The command that takes it back, and its exit codes after which nothing is going to happen: also those that say that
    /// there was nothing to take back.
    func takeBack(isSystemd: Bool) -> (command: [String], codes: Set<Int32>) {
        if isSystemd, isByMinutes { return (["shutdown", "-c"], [0]) }
        if isSystemd { return (["systemctl", "stop", "\(name).timer"], [0, 5]) }
        // Not a pattern that fits the command line in which it stands itself.
        return (["pkill", "-KILL", "-f", "[b]\(name.dropFirst())"], [0, 1])
    }
}
