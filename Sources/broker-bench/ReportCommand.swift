// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker-bench report`: measures everything in a short form and compares it with what is to be reached.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Measures everything in a short form, and says what is reached of what is to be reached.",
        discussion: """
            Takes up to five minutes on two cores; --full takes longer and measures the great fleets and histories as well; \
            --smoke is tiny and shows only that everything works.
            """
    )

    @Flag(help: "How much is measured.")
    var size = ReportSize.short

    @Option(help: ArgumentHelp("Where temporary files go.", valueName: "dir"))
    var directory: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (size, show) = (size, output.output)
        let report = try await TemporaryDirectory.with(parent: directory) { directory in
            try await ReportMeasurement(size: size, directory: directory, isTold: show == .text).measure()
        }
        try output.show(report.figures, directory: directory)
        if output.output == .text { print(Goals.table(report.figures)) }
    }
}

/// How much a report measures.
enum ReportSize: String, EnumerableFlag, Sendable { case short, full, smoke }
