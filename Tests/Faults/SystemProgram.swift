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
        let result = try ChildProcess.runBlocking(path, arguments)
        guard result.status == 0 else {
            let said = (result.output + result.errors).split(separator: "\n").joined(separator: "; ")
            throw DeploymentError("\(path) \(arguments.joined(separator: " ")): \(said)")
        }
        return result.output
    }
}
