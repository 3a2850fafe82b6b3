// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Glibc
import Jobs
import UnixSignals

/// Waits for a job, shows how it goes, and in the end what became of it.
struct JobWatch: Sendable {
    let client: BrokerClient
    let waiting: WaitOptions
    let output: OutputOptions
    let console: Console

    /// How the waiting came to its end.
    private enum WaitingEnd: Sendable {
        case done(Job)
        case waitedOut
        case interrupted
    }

    /// Waits for the job that `start` brings.
    ///
    /// - Throws: ``Ending`` for anything but a job that ended well, ``BrokerClientError``.
    func run(_ start: @escaping @Sendable () async throws -> Job) async throws {
        if waiting.follow, output.output != .table { throw UsageError("--follow goes with -o table") }
        let display = ProgressDisplay(console: console, quiet: waiting.quiet, output: output)
        let end: WaitingEnd
        do {
            end = try await wait(start, display)
        } catch {
            await display.end()
            if let job = await display.job { console.say("broker: lost sight of job \(job.id); \(hint(job.id))") }
            throw error
        }
        await display.end()
        switch end {
        case .done(let job):
            try await finish(job, display)
        case .waitedOut:
            try await waitedOut(await display.job, display)
        case .interrupted:
            interrupted(await display.job)
            throw Ending(status: .interrupted)
        }
    }

    private func wait(
        _ start: @escaping @Sendable () async throws -> Job,
        _ display: ProgressDisplay
    ) async throws -> WaitingEnd {
        // From here on Ctrl-C ends the waiting, and until the program ends it is the system's again.
        let interrupts = await UnixSignalsSequence(trapping: .sigint)
        defer { signal(SIGINT, SIG_DFL) }
        return try await withThrowingTaskGroup(of: WaitingEnd?.self) { group in
            group.addTask { .done(try await follow(try await start(), display)) }
            group.addTask {
                for await _ in interrupts { return .interrupted }
                return nil
            }
            group.addTask {
                try await display.keepMoving()
                return nil
            }
            if let limit = waiting.waitTimeout {
                group.addTask {
                    try await ContinuousClock().sleep(for: limit.duration)
                    return .waitedOut
                }
            }
            defer { group.cancelAll() }
            for try await end in group {
                if let end { return end }
            }
            return .interrupted
        }
    }

    private func follow(_ started: Job, _ display: ProgressDisplay) async throws -> Job {
        var last = started
        try await display.show(started)
        async let outputs: Void = showOutputs(of: started, display)
        if started.status.isTerminal {
            await outputs
            return started
        }
        // Whatever it is at, it ends with the watch.
        async let _: Void = tellOfAwayHosts(display)
        for try await update in client.follow(started.id) {
            switch update {
            case .job(let job):
                // The first look finds most jobs as their submission left them.
                let isNews = job.agentCounts != last.agentCounts || job.status != last.status
                last = job
                if isNews { try await display.show(job) }
            case .outage(let error):
                await display.note("\(error.message); trying again for a minute")
            case .recovered:
                await display.note("the controller is back")
            }
        }
        // They end with the runs: what the last of them wrote may be on its way.
        await outputs
        return last
    }

    /// Writes what the hosts write as they write it, where that is wanted.
    private func showOutputs(of job: Job, _ display: ProgressDisplay) async {
        guard waiting.follow else { return }
        await LiveOutputs(client: client, display: display).follow(job)
    }

    /// Says which hosts are away, if the job still waits for some after a moment, in which most jobs are done.
    private func tellOfAwayHosts(_ display: ProgressDisplay) async {
        guard !waiting.quiet, (try? await ContinuousClock().sleep(for: .milliseconds(500))) != nil,
            let job = await display.job, let away = await client.awayHosts(of: job), !Task.isCancelled
        else { return }
        await display.tell("\(away)")
    }

    private func hint(_ id: JobID) -> String {
        "to watch it: broker jobs watch \(id)"
    }

    private func interrupted(_ job: Job?) {
        guard let job else {
            console.say("broker: interrupted before the controller answered; see 'broker jobs list' for the job")
            return
        }
        console.say("broker: interrupted; job \(job.id) goes on; \(hint(job.id))")
    }

    private func waitedOut(_ known: Job?, _ display: ProgressDisplay) async throws {
        guard let known else {
            throw BrokerClientError(code: .timedOut, message: "the controller did not answer within --wait-timeout")
        }
        // It may have come to its end in the last moment.
        let job = try await client.job(known.id)
        if !job.status.isTerminal {
            console.say("broker: waited long enough; job \(job.id) goes on; \(hint(job.id))")
        }
        try await finish(job, display)
    }

    private func finish(_ job: Job, _ display: ProgressDisplay) async throws {
        let results = JobResults(client: client, presenter: output.presenter(console), console: console)
        // What was seen already need not be shown again.
        let isMissing =
            await display.hasMissedOutput || job.agentsTotal > LiveOutputs.mostHosts || !job.status.isTerminal
        let wasShown = waiting.follow && !isMissing
        try await results.show(job, choice: waiting.showOutput ?? (wasShown ? .never : nil))
        if output.output != .table, !waiting.quiet { console.say("\(Verdict(job))") }
        let status = ProgramExit(job.status)
        if status != .success { throw Ending(status: status) }
    }
}
