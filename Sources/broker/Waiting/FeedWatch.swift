// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Glibc
import UnixSignals

/// Shows what happens in all jobs, as it happens.
struct FeedWatch: Sendable {
    let client: BrokerClient
    let presenter: Presenter
    let console: Console

    /// Shows it until it is interrupted, or the time is over.
    ///
    /// - Parameter limit: how long at most; nil for without end.
    /// - Throws: ``Ending``, ``BrokerClientError``.
    func run(atMost limit: Duration?) async throws {
        let interrupts = await UnixSignalsSequence(trapping: .sigint)
        defer { signal(SIGINT, SIG_DFL) }
        try await withThrowingTaskGroup(of: ProgramExit.self) { group in
            group.addTask {
                for await _ in interrupts { return .interrupted }
                throw CancellationError()
            }
            group.addTask {
                try await show()
                return .unexpected
            }
            if let limit {
                group.addTask {
                    try await ContinuousClock().sleep(for: limit)
                    return .waitedOut
                }
            }
            defer { group.cancelAll() }
            if let status = try await group.next() { throw Ending(status: status) }
        }
    }

    private func show() async throws {
        if case .csv = presenter.format { console.write(presenter.csv([RecordView.feed.csvHeader])) }
        for try await update in client.followAll() {
            switch update {
            case .event(let event):
                if let line = FeedLine(event) { console.write(try text(line)) }
            case .outage(let error): console.say("broker: \(error.message); trying again for a minute")
            case .recovered: console.say("broker: the controller is back")
            }
        }
    }

    private func text(_ line: FeedLine) throws -> String {
        switch presenter.format {
        case .table: line.text(presenter)
        case .json, .ndjson: try JSONText.text(line, pretty: false) + "\n"
        case .csv: presenter.csv([RecordView.feed.csv(line)])
        }
    }
}
