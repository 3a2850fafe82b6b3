// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Logging

/// A start of the host that a run has asked for and whose end it waits for.
///
/// It is in the agent's ledger before the host is told to go, so that the agent knows of it after the host's return, and
/// never has the host go a second time for the same run.
package struct AwaitedReturn: Hashable, Sendable {
    /// The kernel's name for the start of the host that is to end.
    package let bootID: String
    /// When the host goes.
    package let goesAt: Timestamp
    /// When the time of the run is over.
    package let backBefore: Timestamp
    /// The command after which the host does not go, as long as it has not begun to.
    package let takeBack: [String]
    /// The exit codes of that command which say so; one that finds nothing to take back says so as well.
    package let takenBack: Set<Int32>
    /// What the run tells however it ends.
    package let data: JSONValue

    /// Makes a value of its parts.
    package init(
        bootID: String,
        goesAt: Timestamp,
        backBefore: Timestamp,
        takeBack: [String],
        takenBack: Set<Int32>,
        data: JSONValue
    ) {
        self.bootID = bootID
        self.goesAt = goesAt
        self.backBefore = backBefore
        self.takeBack = takeBack
        self.takenBack = takenBack
        self.data = data
    }

    /// How the run ends; nil while it is to be waited for.
    ///
    /// - Parameters:
    ///   - current: the kernel's name for the start of the host that goes on now; nil where it does not tell.
    ///   - now: the time of day. A host without a clock of its own may have an earlier one than before.
    /// - Returns: the outcome of the run.
    package func outcome(bootID current: String?, now: Timestamp) -> RunOutcome? {
        let isLate = now > backBefore
        guard let current, current != bootID else {
            let message = "the host has not gone down in time"
            return isLate ? timedOut(message, changed: nil, data: told(["boot_id": .string(bootID)])) : nil
        }
        let down = max(.zero, now - goesAt)
        let data = told([
            "boot_id_before": .string(bootID), "boot_id": .string(current), "down_ms": .int(down.wholeMilliseconds),
        ])
        guard isLate else { return RunOutcome(state: .completed, changed: true, data: data) }
        return timedOut("the host is back, but not in time", changed: true, data: data)
    }

    /// How the run ends after the host was kept from going.
    ///
    /// - Parameter name: who asked for that; nil where it is not known.
    /// - Returns: the outcome of the run.
    package func outcome(takenBackFor name: String?) -> RunOutcome {
        let message = "cancelled\(name.map { " by \($0)" } ?? "") before the host went down"
        let error = RunError(code: "cancelled", message: message)
        return RunOutcome(state: .cancelled, changed: false, error: error, data: told(["boot_id": .string(bootID)]))
    }

    /// Keeps the host from going.
    ///
    /// - Parameter context: what the agent gives to all operations.
    /// - Returns: whether the host stays, for certain.
    package func takeBack(in context: OperationContext) async -> Bool {
        // Later it may be on its way, whatever the command answers.
        guard context.now() < goesAt else { return false }
        do {
            _ = try await context.tool(takeBack, ok: takenBack)
        } catch {
            context.logger.warning("the host cannot be kept from going down", metadata: ["error": "\(error.message)"])
            return false
        }
        return context.now() < goesAt
    }

    private func told(_ more: [String: JSONValue]) -> JSONValue {
        guard case .object(let members) = data else { return .object(more) }
        return .object(members.merging(more) { $1 })
    }

    private func timedOut(_ message: String, changed: Bool?, data: JSONValue) -> RunOutcome {
        let error = RunError(code: "timed_out", message: message)
        return RunOutcome(state: .timedOut, changed: changed, error: error, data: data)
    }
}

extension AwaitedReturn {
    /// Reads what ``stored`` wrote; nil where that is not it.
    package init?(stored value: JSONValue, goesAt: Timestamp, backBefore: Timestamp) {
        guard let bootID = value["boot_id"]?.string, let data = value["data"],
            case .array(let command) = value["take_back"], case .array(let codes) = value["taken_back"]
        else { return nil }
        self.init(
            bootID: bootID,
            goesAt: goesAt,
            backBefore: backBefore,
            takeBack: command.compactMap(\.string),
            takenBack: Set(codes.compactMap { $0.int.map { Int32(truncatingIfNeeded: $0) } }),
            data: data
        )
    }

    /// All of it but the times, for a ledger.
    package var stored: JSONValue {
        [
            "boot_id": .string(bootID), "data": data, "take_back": .array(takeBack.map(JSONValue.string)),
            "taken_back": .array(takenBack.sorted().map { .int(Int64($0)) }),
        ]
    }
}

/// What lets a run of an agent wait for the return of its host.
package struct ReturnWatch: Sendable {
    /// The kernel's name for the start of the host that goes on now.
    package let bootID: String
    /// Writes down that the run waits, and has the controller told; when it throws, the host must not go.
    package let note: @Sendable (AwaitedReturn) async throws(OperationError) -> Void

    /// Makes a value of its parts.
    package init(
        bootID: String,
        note: @escaping @Sendable (AwaitedReturn) async throws(OperationError) -> Void
    ) {
        self.bootID = bootID
        self.note = note
    }
}
