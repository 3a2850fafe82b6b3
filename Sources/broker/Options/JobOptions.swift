// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Jobs

/// A target expression of which there can be only one, where the parser would take the last of many without a word.
///
/// - Returns: the expression; nil where none is given.
/// - Throws: `ValidationError` for more than one.
func onlyTarget(_ targets: [String]) throws -> String? {
    guard targets.count < 2 else {
        throw ValidationError(
            "--target is there \(targets.count) times; put it in one expression, such as 'web-1,db-1' or "
                + "'env=prod or web-1'"
        )
    }
    return targets.first
}

/// What every submission has: for whom, how long, and how to wait.
struct JobOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Which hosts: a target expression, or _all for every host. Required.",
            valueName: "expression"
        )
    )
    var target: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long the job may wait for hosts that are away: 10m, 2h, 1d.", valueName: "time"),
        transform: { try TimeSpan($0) }
    )
    var deadline: TimeSpan?

    @Option(help: "A note that is kept with the job.")
    var note: String?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("A label of the job, to find it by; may be given again.", valueName: "name=value")
    )
    var labels: [String] = []

    @Option(
        help: ArgumentHelp("How often a host tries, where the operation fails; 1 if left out.", valueName: "number")
    )
    var maxAttempts: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The pause before the second attempt, doubled before each further one.", valueName: "time"),
        transform: { try TimeSpan($0, allowingZero: true) }
    )
    var backoff: TimeSpan?

    @Option(help: "What happens to a run whose agent dies in mid-run; fail if left out.")
    var onInterrupt: InterruptPolicy?

    @Flag(help: "Run beside other jobs that modify a host, not after them.")
    var parallel = false

    @Flag(help: "Touch nothing, and tell what would be.")
    var dryRun = false

    @OptionGroup var webhook: JobWebhookOptions

    @Option(
        help: ArgumentHelp(
            "A name for this submission: given again within a day, it brings the same job.",
            valueName: "key"
        )
    )
    var idempotencyKey: String?

    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Wait until the job is at its end.")
    var wait = true

    func validate() throws {
        _ = try jobLabels(labels)
        if backoff != nil, maxAttempts == nil { throw ValidationError("--backoff goes with --max-attempts") }
        guard let target = try onlyTarget(target), !target.isEmpty else {
            throw ValidationError(
                "--target is missing: say which hosts, such as --target 'env=prod', or --target _all for every host"
            )
        }
    }

    /// The submission of an operation.
    func request(_ type: String, _ data: JSONValue) -> JobRequest {
        JobRequest(
            operation: OperationRequest(type: type, data: data),
            target: target.first ?? "",
            deadline: deadline?.seconds,
            note: note,
            retry: maxAttempts.map { RetryPolicy(maxAttempts: $0, backoff: backoff?.seconds ?? 0) },
            onInterrupt: onInterrupt,
            parallel: parallel ? true : nil,
            dryRun: dryRun ? true : nil,
            // Checked when the command line was.
            labels: labels.isEmpty ? nil : try? jobLabels(labels),
            webhook: webhook.request
        )
    }
}

/// How to wait for a job and what to show of it.
struct WaitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Wait no longer than this; the job goes on, and the exit code is 7.", valueName: "time"),
        transform: { try TimeSpan($0) }
    )
    var waitTimeout: TimeSpan?

    @Option(
        help: ArgumentHelp(
            "Whose output to show; if left out: of all hosts, but in tables of more than ten only of failed ones.",
            valueName: "which"
        )
    )
    var showOutput: OutputChoice?

    @Flag(help: "Show what hosts write as they write it, line by line, each with its host; of 16 hosts at most.")
    var follow = false

    @Flag(name: .shortAndLong, help: "No progress on stderr, only results and errors.")
    var quiet = false

    /// Refuses what has to do with waiting where nothing is waited for.
    func check(isWaiting: Bool) throws(UsageError) {
        guard !isWaiting else { return }
        if waitTimeout != nil { throw UsageError("--wait-timeout and --no-wait exclude each other") }
        if follow { throw UsageError("--follow and --no-wait exclude each other") }
    }
}
