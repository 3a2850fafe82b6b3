// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The API key of a controller that this program starts.
enum SecretKey {
    static let name = "broker-bench"

    /// Writes the file of keys that `broker-controller` reads, and the secret for `plain-controller`.
    static func write(_ secret: String, to directory: String) throws {
        let digits = SHA256.hash(data: Array(secret.utf8)).map { byte in
            byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        try Data("\(name) \(digits.joined())\n".utf8).write(to: URL(filePath: directory + "/keys"))
        try Data(secret.utf8).write(to: URL(filePath: directory + "/secret"))
    }

    /// The secret that was written to `directory`.
    static func read(from directory: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: directory + "/secret") else {
            throw BenchError("\(directory)/secret cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
