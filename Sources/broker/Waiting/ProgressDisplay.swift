// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Glibc
import Jobs

/// Shows on stderr how a job goes: one line that is drawn anew on a terminal, else a line on change.
///
/// With `-o ndjson` each change is a result too, and goes to stdout.
actor ProgressDisplay {
    /// The job as it was last seen.
    private(set) var job: Job?
    /// Whether what some host wrote could not be followed to its end.
    private(set) var hasMissedOutput = false

    private let console: Console
    private let quiet: Bool
    private let isStream: Bool
    private let isLive: Bool
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var throttle = ProgressThrottle()
    private var isDrawn = false

    init(console: Console, quiet: Bool, output: OutputOptions) {
        self.console = console
        self.quiet = quiet
        isStream = output.output == .ndjson
        isLive = console.isErrorTerminal
        start = clock.now
    }

    /// Takes in a change of the job.
    func show(_ job: Job) throws {
        if self.job == nil, !quiet {
            clear()
            console.say("job \(job.id): \(job.agentsTotal) \(job.agentsTotal == 1 ? "host" : "hosts")")
        }
        self.job = job
        // The end is written with its runs.
        if isStream, !job.status.isTerminal {
            var record = job
            record.timeline = nil
            record.timelineTotal = nil
            record.truncated = nil
            record.links = nil
            console.write(try JSONText.text(record, pretty: false) + "\n")
        }
        draw()
    }

    /// Says something about the program beside the progress.
    func note(_ text: String) {
        tell("broker: \(text)")
    }

    /// Notes that a host could not be followed to its end.
    func missOutput() {
        hasMissedOutput = true
    }

    /// Writes whole lines of what a host writes beside the progress.
    ///
    /// - Parameters:
    ///   - text: the lines, safe to show.
    ///   - isError: whether they go to stderr.
    func write(_ text: String, isError: Bool) {
        clear()
        if isError { console.draw(text) } else { console.write(text) }
        draw()
    }

    /// Writes a line beside the progress.
    func tell(_ line: String) {
        clear()
        console.say(SafeText.line.made(of: line))
        draw()
    }

    /// Keeps the time on the line moving until the task is cancelled.
    ///
    /// - Throws: `CancellationError`.
    func keepMoving() async throws {
        while true {
            try await clock.sleep(for: isLive ? .milliseconds(100) : .seconds(1))
            draw()
        }
    }

    /// Takes the line away.
    func end() {
        clear()
    }

    private func draw() {
        guard !quiet, let job, !job.status.isTerminal else { return }
        let line = ProgressLine(job.agentCounts)
        let elapsed = start.duration(to: clock.now)
        guard isLive else {
            if throttle.passes(line, now: elapsed) { console.say("\(line)  \(elapsed.brief)") }
            return
        }
        let width = console.width(of: STDERR_FILENO) ?? 80
        let time = "  \(elapsed.brief)"
        console.draw("\r" + line.description.clipped(to: max(width - time.count - 1, 10)) + time + "\u{1B}[K")
        isDrawn = true
    }

    private func clear() {
        if isDrawn { console.draw("\r\u{1B}[K") }
        isDrawn = false
    }
}
