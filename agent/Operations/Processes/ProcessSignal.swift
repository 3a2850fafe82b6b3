// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc
import Jobs

/// `process.signal`: a signal to processes.
struct ProcessSignal: ModifyOperation {
    let type = "process.signal"

    struct Parameters: Decodable, Sendable {
        let pid: Int32?
        let startTicks: Int64?
        let name: String?
        let user: String?
        let signal: String
        let wait: Int64
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        guard let signal = Self.numbers[parameters.signal] else { return .nothing() }
        let targets = try Self.targets(parameters).filter { $0.isChanged(by: signal) }
        let name = JSONValue.string("SIG" + parameters.signal)
        let changes = targets.map { process in
            Plan.Change("process \(process.pid) (\(process.name))", from: .string(String(process.state)), to: name)
        }
        let data: [String: JSONValue] = [
            "signal": name, "pids": .array(targets.map { .int(Int64($0.pid)) }),
        ]
        return Plan(changes, data: data) {
            try Self.send(signal, to: targets)
            if parameters.wait > 0 { try await Self.wait(.seconds(parameters.wait), for: targets) }
            return [:]
        }
    }

    private static let numbers: [String: Int32] = [
        "TERM": SIGTERM, "KILL": SIGKILL, "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "USR1": SIGUSR1,
        "USR2": SIGUSR2, "STOP": SIGSTOP, "CONT": SIGCONT, "WINCH": SIGWINCH,
    ]

    // MARK: Choosing

    private static func targets(_ parameters: Parameters) throws(OperationError) -> [HostProcess] {
        let all = HostProcess.all()
        let spared = spared(among: all)
        if let pid = parameters.pid {
            guard let process = all.first(where: { $0.pid == pid }) else { return [] }
            if let ticks = parameters.startTicks, process.startTicks != ticks { return [] }
            if spared.contains(pid) {
                throw OperationError("refused", "process \(pid) is the agent's own, or one that it depends on")
            }
            if process.isKernel { throw OperationError("refused", "process \(pid) is the kernel's") }
            return [process]
        }
        guard let name = parameters.name else { return [] }
        var users = UserNames()
        var called = all.filter { $0.isCalled(name) && !$0.isKernel }
        if let user = parameters.user { called = called.filter { $0.isOf(user, &users) } }
        let targets = called.filter { !spared.contains($0.pid) }
        guard targets.isEmpty, let one = called.first else { return targets }
        throw OperationError("refused", "process \(one.pid) is the agent's own, or one that it depends on")
    }

    /// What is never signalled: process 1, the agent, those that it descends from, and the supervisors of its runs.
    private static func spared(among all: [HostProcess]) -> Set<pid_t> {
        let parents = Dictionary(all.map { ($0.pid, $0.parent) }, uniquingKeysWith: { $1 })
        let agent = getpid()
        var spared: Set<pid_t> = [1, agent]
        var next = parents[agent]
        while let pid = next, pid > 0, spared.insert(pid).inserted { next = parents[pid] }
        for process in all where process.parent == agent { spared.insert(process.pid) }
        return spared
    }

    // MARK: Sending

    private static func send(_ signal: Int32, to targets: [HostProcess]) throws(OperationError) {
        var isSent = false
        for process in targets {
            // Held by this descriptor, the number stays that of the process that is looked at next.
            let held = FileDescriptor(owning: broker_pidfd(process.pid))
            var failure = held.number >= 0 ? 0 : errno
            if held.number >= 0 {
                guard HostProcess(process.pid)?.startTicks == process.startTicks else { continue }
                failure = broker_pidfd_signal(held.number, signal)
            }
            // One that has ended by itself needs none.
            guard failure == 0 || failure == ESRCH else {
                let action = "cannot signal process \(process.pid) (\(process.name))"
                throw OperationError(SystemError(code: failure, action: action), changed: isSent)
            }
            isSent = isSent || failure == 0
        }
    }

    private static func wait(_ patience: Duration, for targets: [HostProcess]) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            let left = targets.filter { target in
                HostProcess(target.pid).map { $0.startTicks == target.startTicks && $0.isAlive } ?? false
            }
            if left.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                let pids = left.map { "\($0.pid)" }.joined(separator: ", ")
                let message = "after \(patience.humanText) there is still process \(pids); KILL would end it"
                throw OperationError("still_running", message, changed: true)
            }
            do {
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                throw OperationError.cancelled(changed: true)
            }
        }
    }
}

extension HostProcess {
    /// Whether a signal makes any difference to it.
    fileprivate func isChanged(by signal: Int32) -> Bool {
        switch signal {
        case SIGSTOP: isAlive && state != "T"
        case SIGCONT: state == "T"
        default: isAlive
        }
    }
}
