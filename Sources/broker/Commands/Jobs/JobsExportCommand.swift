// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Glibc
import Jobs
import UnixSignals

/// `broker jobs export`: jobs or their runs as one table.
struct JobsExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write jobs, or their runs, as a table for spreadsheets or programs.",
        usage: "broker jobs export --from <time> --to <time> [<options>]",
        discussion: """
            Of several filters a job has to fit all. Times are RFC 3339, a day, 'today', 'yesterday', 'now', or '2h' for two hours \
            ago; at most 366 days at once. Where the export is cut short, the exit code says so, and a file is left as it was before.
            """
    )

    @OptionGroup var filter: JobFilterOptions

    @Option(help: "What each line is.")
    var rows: JobExport.Rows = .jobs

    @Option(help: "How the lines are written: csv is for spreadsheets, ndjson for programs.")
    var format: JobExport.Format = .csv

    @Option(
        help: ArgumentHelp("The file to write, put there once it is whole; stdout if left out.", valueName: "file"),
        completion: .file()
    )
    var output: String?

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard filter.from != nil, filter.to != nil else {
            throw ValidationError("an export is of some time: --from and --to are needed")
        }
    }

    func run() async throws {
        let console = Console()
        let filter = try filter.filter(now: .now)
        let path = output == "-" ? nil : output
        try await connection.withClient(console) { client in
            guard let path else {
                _ = try await copy(filter, client, console) { console.write(bytes: $0) }
                return
            }
            let file = try OutputFile(path)
            do {
                let counter = try await untilInterrupted {
                    try await copy(filter, client, console) { try file.write($0) }
                }
                try Task.checkCancellation()
                try file.finish()
                if !quiet { console.say("\(counter) in \(SafeText.line.made(of: path))") }
            } catch {
                file.discard()
                throw error
            }
        }
    }

    /// Writes the export piece by piece, and shows on stderr how far it is where that is a terminal of its own.
    private func copy(
        _ filter: JobFilter,
        _ client: BrokerClient,
        _ console: Console,
        to write: @Sendable ([UInt8]) throws -> Void
    ) async throws -> RowCounter {
        var counter = RowCounter(format)
        let isShown = !quiet && console.isErrorTerminal && (output ?? "-" != "-" || !console.isOutputTerminal)
        var drawn = ContinuousClock.now
        defer { if isShown { console.draw("\r\u{1B}[K") } }
        for try await piece in try await client.exportJobs(filter, rows: rows, format: format) {
            try write(piece)
            counter.count(piece)
            guard isShown, drawn.duration(to: .now) > .milliseconds(100) else { continue }
            drawn = .now
            console.draw("\r\(counter)\u{1B}[K")
        }
        return counter
    }

    /// Does something until Ctrl-C, or until the program is told to end.
    ///
    /// - Throws: ``Ending`` when interrupted; what `body` throws.
    private func untilInterrupted(_ body: @escaping @Sendable () async throws -> RowCounter) async throws -> RowCounter
    {
        let interrupts = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        defer { for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) } }
        return try await withThrowingTaskGroup(of: RowCounter?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in interrupts { return nil }
                return nil
            }
            defer { group.cancelAll() }
            guard let counter = try await group.next() ?? nil else { throw Ending(status: .interrupted) }
            return counter
        }
    }
}
