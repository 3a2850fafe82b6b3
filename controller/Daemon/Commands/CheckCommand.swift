// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Store

/// Where the database is.
struct DatabaseOption: ParsableArguments {
    @Option(name: .customLong("state-dir"), help: ArgumentHelp("The controller's state directory.", valueName: "dir"))
    var directory = "/var/lib/broker-controller"

    var path: String { directory + "/broker.sqlite" }
}

/// `broker-controller check`: whether the database is sound.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the database, also while the controller runs.",
        discussion: "Prints what is wrong, a line each, and ends with exit code 1; or says that all is well."
    )

    @OptionGroup var database: DatabaseOption

    func run() async throws {
        let problems: [String]
        do { problems = try SQLiteStore.problems(path: database.path) } catch { throw Failure(database.path, error) }
        guard problems.isEmpty else {
            for problem in problems { print(problem) }
            throw ExitCode(1)
        }
        print("\(database.path): all is well")
    }
}

/// `broker-controller backup`: a copy of the database.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copies the database, also while the controller runs.",
        discussion: """
            The copy is of one moment. To restore it, stop the controller, put the copy in the place of broker.sqlite \
            in the state directory, remove broker.sqlite-wal and broker.sqlite-shm, and start the controller.
            """
    )

    @Argument(help: "The file to write; it must not exist.")
    var file: String

    @OptionGroup var database: DatabaseOption

    func run() async throws {
        do {
            try SQLiteStore.backUp(path: database.path, to: file)
        } catch {
            throw Failure("no backup was made", error)
        }
        print(file)
    }
}
