// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Sealing

/// The file with the key by which this agent opens secrets, made at the first start, for its user alone.
enum SealingKeyFile {
    /// Reads the key, or makes one.
    ///
    /// - Throws: ``Failure`` where the file cannot be read or made, or is no key.
    static func openOrCreate(_ path: String) throws -> SealingKey {
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            let bytes = Data(base64Encoded: text.filter { !$0.isWhitespace })
            guard let bytes, let key = try? SealingKey(bytes: Array(bytes)) else {
                throw Failure("\(path): not a sealing key; what is sealed to the right one cannot be opened without it")
            }
            return key
        }
        let key = SealingKey()
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(temporary) }
        defer { _ = close(descriptor) }
        let text = Array((Data(key.bytes).base64EncodedString() + "\n").utf8)
        guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0, rename(temporary, path) == 0
        else { throw failure(path) }
        return key
    }

    private static func failure(_ path: String) -> Failure {
        Failure("\(path): \(String(cString: strerror(errno)))")
    }
}
