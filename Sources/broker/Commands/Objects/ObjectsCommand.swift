// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker objects`: files that the controller keeps for jobs.
struct ObjectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objects",
        abstract: "Store files at the controller for jobs to use, and get them back.",
        discussion: """
            A job that names an object gets the bytes that it had when the job was submitted. Agents fetch them over \
            their own link, and keep them for a while.
            """,
        subcommands: [
            ObjectsPutCommand.self, ObjectsListCommand.self, ObjectsGetCommand.self, ObjectsDeleteCommand.self,
        ]
    )
}
