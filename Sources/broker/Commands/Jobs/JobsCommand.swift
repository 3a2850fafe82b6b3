// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import CommandLine
public import Jobs

/// `broker jobs`: what was submitted, and what became of it.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List, show, watch, cancel, retry, delete and export jobs.",
        subcommands: [
            JobsListCommand.self, JobsGetCommand.self, JobsWatchCommand.self, JobsRunsCommand.self,
            JobsOutputCommand.self, JobsCancelCommand.self, JobsRetryCommand.self, JobsDeleteCommand.self,
            JobsExportCommand.self,
        ]
    )
}

/// The id of a job that was typed.
///
/// - Throws: ``UsageError`` for a text that is none.
func jobID(_ text: String) throws(UsageError) -> JobID {
    guard let id = JobID(text) else { throw UsageError("a job id looks like 0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41") }
    return id
}

extension JobFilter.Change: ExpressibleByArgument {}
extension JobExport.Rows: ExpressibleByArgument {}
extension JobExport.Format: ExpressibleByArgument {}
extension RunState: ExpressibleByArgument {}
extension RunFilter.Result: ExpressibleByArgument {
    /// Reads a digest, or `null`.
    public init?(argument: String) { self.init(argument) }
}
extension RetrySelection: ExpressibleByArgument {}
extension InterruptPolicy: ExpressibleByArgument {}
