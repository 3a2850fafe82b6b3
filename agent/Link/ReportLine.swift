// SPDX-License-Identifier: Apache-2.0

import Jobs
import Runner
import Synchronization

/// Gives out what a session has to tell, each report once: to a poll that is about to go, else to a message of its own.
///
/// What was given out and has no receipt when the session ends is told again in the next one. Reports go out in the order
/// in which things happened; the controller takes them in any.
final class ReportLine: Sendable {
    private struct State {
        /// Up to which report all were given out.
        var given: Int64 = 0
        /// Whether a poll is about to go, which takes them along.
        var isHeld = false
        /// Whether a message of its own is under way.
        var isTelling = false
    }

    private let runner: any RunHolder
    private let limit: Int
    private let maximumBytes: Int
    private let state = Mutex(State())
    private let bell: AsyncStream<Void>.Continuation
    private let listener = Mutex<SignalListener?>(nil)
    /// Has an element whenever there may be something to be told by messages of their own; for one reader.
    let bells: AsyncStream<Void>

    init(of runner: any RunHolder, _ configuration: LinkConfiguration) {
        self.runner = runner
        limit = configuration.reportsPerMessage
        maximumBytes = configuration.reportBytes
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let listener = runner.onReport { [weak self] in self?.ring() }
        self.listener.withLock { $0 = listener }
    }

    /// Wakes who tells, unless a poll is about to take the reports.
    private func ring() {
        if !state.withLock(\.isHeld) { bell.yield() }
    }

    /// Keeps reports for the poll that is about to go.
    func holdForPoll() {
        state.withLock { $0.isHeld = true }
    }

    /// What the poll that goes now takes along; none while a message of its own is under way, after which the rest is told.
    func forPoll() async throws -> [RunReport] {
        let isFree = state.withLock { state in
            state.isHeld = false
            return !state.isTelling
        }
        guard isFree else {
            // It may have looked before the last of them came, and who rang since was turned away.
            ring()
            return []
        }
        let reports = try await next()
        // Whoever came while they were held was turned away, and the poll may have no room for all.
        if !reports.isEmpty { ring() }
        return reports
    }

    /// Has `send` tell the next reports in a message of its own, and notes that the controller has them.
    ///
    /// - Returns: whether there were any to be told so.
    func tell(_ send: ([RunReport]) async throws -> [Int64]) async throws -> Bool {
        guard beginTelling() else { return false }
        defer { state.withLock { $0.isTelling = false } }
        let reports = try await next()
        guard !reports.isEmpty else { return false }
        try await runner.confirm(try await send(reports))
        return true
    }

    /// Gives everything out again that is not confirmed: at the end, when nobody waits for the answer to the poll.
    func startOver() {
        state.withLock { $0 = State() }
    }

    private func beginTelling() -> Bool {
        state.withLock { state in
            guard !state.isHeld else { return false }
            state.isTelling = true
            return true
        }
    }

    private func next() async throws -> [RunReport] {
        let given = state.withLock { $0.given }
        let reports = try await runner.pendingReports(after: given, limit: limit, maximumBytes: maximumBytes)
        return state.withLock { state in
            // The poll may have taken some of them meanwhile.
            let fresh = reports.filter { $0.sequence > state.given }
            state.given = max(state.given, fresh.last?.sequence ?? 0)
            return fresh
        }
    }
}
