// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Operations

// Runs that wait for their host to be started again: they are in the ledger alone, and nothing of them runs meanwhile.

extension Runner {
    /// What lets a run wait for the host; nil where the kernel does not name its starts.
    func returnWatch(of key: RunKey, _ handle: RunningRun) -> ReturnWatch? {
        guard let bootID = ledger.bootID else { return nil }
        return ReturnWatch(bootID: bootID) { (awaited) throws(OperationError) in
            try await self.note(awaited, of: key, handle)
        }
    }

    private func note(_ awaited: AwaitedReturn, of key: RunKey, _ handle: RunningRun) throws(OperationError) {
        do throws(LedgerError) {
            guard try ledger.awaitReturn(of: key, awaited) else {
                throw LedgerError(code: .failed, message: "the run is not known any more")
            }
        } catch {
            throw OperationError("ledger_failed", "it cannot be noted that the host goes: \(error)", changed: false)
        }
        handle.awaitReturn()
        reports.raise()
    }

    /// Ends the runs whose time to wait is over, and keeps the host from going for those that are to be cancelled.
    ///
    /// That is tried once: a host that has begun to go cannot be kept, and the run then ends as if it were not cancelled.
    func seeToReturns(in group: inout DiscardingTaskGroup) throws(LedgerError) {
        if try ledger.endReturns(now: context.now()) > 0 { reports.raise() }
        for run in try ledger.cancelledReturns() where running[run.key] == nil {
            guard takenBack.insert(run.key).inserted else { continue }
            group.addTask { await self.takeBack(run) }
        }
    }

    private func takeBack(_ run: CancelledReturn) async {
        var context = context
        context.deadline = .now + .seconds(30)
        context.logger[metadataKey: "job.id"] = "\(run.key.jobID)"
        guard await run.awaited.takeBack(in: context) else { return }
        await end(run.key, with: run.awaited.outcome(takenBackFor: run.requestedBy))
    }
}
