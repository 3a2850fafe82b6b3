// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Glibc

/// A file that the user named, or stdin for `-`, read as text.
enum InputFile {
    /// What an agent takes as standard input of a command.
    static let limit = 1_048_576

    /// Reads a text of at most ``limit`` bytes.
    ///
    /// - Throws: ``UsageError`` for a file that cannot be read, is too long, or is not UTF-8.
    static func text(at path: String, option: String) throws(UsageError) -> String {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw UsageError("\(option): cannot open \(path): \(reason())") }
        defer { if path != "-" { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw UsageError("\(option): cannot read \(path): \(reason())")
            }
            bytes += buffer[..<count]
            guard bytes.count <= limit else { throw UsageError("\(option): \(path) is longer than \(limit) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw UsageError("\(option): \(path) is not UTF-8 text")
        }
        return text
    }

    private static func reason() -> String {
        systemReason(errno)
    }
}
