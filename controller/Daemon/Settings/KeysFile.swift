// SPDX-License-Identifier: Apache-2.0

import API
import Crypto
import FoundationEssentials

/// The file of API keys: a line a key, its name and the SHA-256 of its secret.
///
/// Secrets themselves are never stored.
struct KeysFile {
    let path: String

    /// The keys in the file.
    ///
    /// - Throws: ``Failure`` with the line that is wrong.
    func read() throws -> [APIKey] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                "\(path): the file of API keys cannot be read; make a key with: broker-controller keys add NAME --file \(path)"
            )
        }
        var keys: [APIKey] = []
        for (index, line) in String(decoding: data, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let key = APIKey(name: String(parts[0]), secretHash: String(parts[1])) else {
                throw Failure("\(path), line \(index + 1): not a name and a SHA-256")
            }
            keys.append(key)
        }
        return keys
    }

    /// Adds a key with a fresh secret of 256 random bits.
    ///
    /// - Returns: the secret, which is not to be had again.
    /// - Throws: ``Failure`` where the name is taken or no name, or the file cannot be written.
    func add(name: String) throws -> String {
        guard !name.isEmpty, name.utf8.count <= 64,
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.@".contains($0)) })
        else { throw Failure("'\(name)' is no name for a key: letters, digits, - _ . @, at most 64") }
        let old = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard !old.split(separator: "\n").contains(where: { $0.hasPrefix(name + " ") }) else {
            throw Failure("\(path): there is a key called '\(name)' already")
        }
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { hexadecimal(Array($0)) }
        let line = "\(name) \(hexadecimal(Array(SHA256.hash(data: Array(secret.utf8)))))\n"
        let text = old.isEmpty || old.hasSuffix("\n") ? old + line : old + "\n" + line
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        } catch {
            throw Failure("\(path): cannot be written")
        }
        return secret
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0" + digits : digits
    }.joined()
}
