// SPDX-License-Identifier: Apache-2.0

import Jobs
import Runner
import Synchronization
import Testing

@testable import Link

/// Who tells reports, where a poll and a message of its own could.
@Suite(.timeLimit(.minutes(5)))
struct ReportLineTests {
    @Test func `a report that comes while the last message finds nothing is told by the next`() async throws {
        let runner = SlowRunner()
        let line = ReportLine(of: runner, LinkConfiguration(hostname: "web-1", labels: [:], version: "1"))
        let sent = Mutex<[Int64]>([])
        let tell: @Sendable () async throws -> Bool = {
            try await line.tell { reports in
                sent.withLock { $0 += reports.map(\.sequence) }
                return reports.map(\.sequence)
            }
        }
        var bells = line.bells.makeAsyncIterator()
        _ = await bells.next()

        // The reporter has looked, found nothing, and has not come back with that.
        async let found = tell()
        await runner.isAsked()
        line.holdForPoll()
        await runner.add(1)
        #expect(try await line.forPoll().isEmpty)
        runner.answer()
        #expect(try await !found)

        _ = await bells.next()
        async let foundNow = tell()
        await runner.isAsked()
        runner.answer()
        #expect(try await foundNow)
        #expect(sent.withLock { $0 } == [1])
    }
}

/// A host that answers what is to be told when the test says so, as it was when it was asked.
private final class SlowRunner: RunHolder {
    let ledgerID = "ledger"
    private let reports = Mutex<[RunReport]>([])
    private let signal = Signal()
    private let asked = AsyncStream.makeStream(of: Void.self)
    private let answers = AsyncStream.makeStream(of: Void.self)

    var position: DeliveryPosition { DeliveryPosition(storeID: nil, held: 0) }

    func add(_ sequence: Int64) async {
        reports.withLock {
            $0.append(RunReport(sequence: sequence, jobID: JobID(high: 1, low: 1), attempt: 1, event: .started))
        }
        signal.raise()
    }

    func isAsked() async {
        for await _ in asked.stream { return }
    }

    func answer() {
        answers.continuation.yield()
    }

    func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) {}

    func pendingReports(after sequence: Int64, limit: Int, maximumBytes: Int) async -> [RunReport] {
        let found = reports.withLock { $0.filter { $0.sequence > sequence } }
        asked.continuation.yield()
        for await _ in answers.stream { break }
        return found
    }

    func confirm(_ sequences: [Int64]) {}
    func confirmRefusedOrders(_ orders: [RefusedOrder]) {}
    func active(limit: Int) -> [RunKey] { [] }
    func onReport(_ body: @escaping @Sendable () -> Void) -> SignalListener { signal.listen(body) }
}
