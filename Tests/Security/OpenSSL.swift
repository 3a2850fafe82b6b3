// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// The command line of OpenSSL: a peer that is not of our making.
enum OpenSSL {
    /// Runs it to its end, with nothing on its standard input.
    static func run(_ arguments: [String]) async throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // What it says is little: it fits into the pipes.
        while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        return (
            process.terminationStatus,
            String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
            String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        )
    }
}
