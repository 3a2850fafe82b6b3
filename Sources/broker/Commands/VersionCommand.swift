// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine

/// `broker version`: the same as `--version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version of broker.")

    func run() {
        Console().write("broker \(ProgramVersion.text)\n")
    }
}
