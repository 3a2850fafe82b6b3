// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// A program of the system, such as `ip`.
struct SystemProgram: Sendable {
    let path: String

    /// Finds a program on the `PATH`, or where Debian has those of administrators; nil where there is none.
    init?(_ name: String) {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]
        let places = directories.map { "\($0)/\(name)" }
        guard let path = places.first(where: FileManager.default.isExecutableFile) else { return nil }
        self.path = path
    }

    /// Runs it to its end, which must be a matter of milliseconds.
    ///
    /// - Returns: what it wrote.
    /// - Throws: ``DeploymentError`` with what it wrote, where it fails.
    @discardableResult
    func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = output.split(separator: "\n").joined(separator: "; ")
            throw DeploymentError("\(path) \(arguments.joined(separator: " ")): \(said)")
        }
        return output
    }
}
