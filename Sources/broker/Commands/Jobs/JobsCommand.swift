// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Jobs

/// `broker jobs`: what was submitted, and what became of it.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List, show and watch jobs.",
        subcommands: [JobsListCommand.self, JobsGetCommand.self, JobsWatchCommand.self, JobsRunsCommand.self]
    )
}

extension JobID: ExpressibleByArgument {
    /// Reads the 36 character form.
    public init?(argument: String) {
        self.init(argument)
    }
}

extension JobStatus: ExpressibleByArgument {}
extension RunState: ExpressibleByArgument {}
