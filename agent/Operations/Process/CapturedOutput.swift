// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import Jobs

/// What is kept of an output: its beginning and its end up to a limit, and the size and hash of all of it.
///
/// Memory is bounded by three times the limit, whatever is written.
struct CapturedOutput {
    private let headLimit: Int
    private let tailLimit: Int
    private var head: [UInt8] = []
    /// At least the last `tailLimit` bytes after the head; trimmed only now and then, so that trimming stays cheap.
    private var tail: [UInt8] = []
    private var hasher = SHA256()
    /// How many bytes were written in all.
    private(set) var size = 0

    /// Makes an empty output that keeps at most `limit` bytes: the first half and the last half.
    init(limit: Int) {
        headLimit = (limit + 1) / 2
        tailLimit = limit / 2
    }

    /// Takes the next bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        size += bytes.count
        hasher.update(bufferPointer: bytes)
        let forHead = min(bytes.count, headLimit - head.count)
        head.append(contentsOf: bytes.prefix(forHead))
        guard tailLimit > 0, forHead < bytes.count else { return }
        tail.append(contentsOf: bytes.dropFirst(forHead).suffix(tailLimit))
        if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    /// What a run's data says of this output, each name beginning with `name`.
    func members(named name: String) -> [String: JSONValue] {
        let (text, encoding) = kept()
        return [
            name: .string(text),
            "\(name)_encoding": .string(encoding),
            "\(name)_bytes": .int(Int64(size)),
            "\(name)_sha256": .string(sha256),
            "\(name)_truncated": .bool(isTruncated),
        ]
    }

    /// The last line that is not empty, for an error's message; cut to 200 characters.
    var lastLine: String? {
        let end = tail.isEmpty ? head.suffix(4096) : tail.suffix(min(tailLimit, 4096))
        let lines = String(decoding: end, as: UTF8.self).split(whereSeparator: \.isNewline)
        let last = lines.last { line in !line.allSatisfy(\.isWhitespace) }
        return last.map { String($0.drop(while: \.isWhitespace).prefix(200)) }
    }

    /// All that was written; nil where some of it was not kept.
    var whole: [UInt8]? { isTruncated ? nil : head + tail }

    /// What was kept, as text.
    var text: String { kept().text }

    private var isTruncated: Bool { size > headLimit + tailLimit }

    private var sha256: String {
        Hexadecimal.text(hasher.finalize())
    }

    private func kept() -> (text: String, encoding: String) {
        var start = head
        var end = Array(tail.suffix(tailLimit))
        if isTruncated {
            start.removeLast(unfinishedSuffix(start))
            end.removeFirst(unstartedPrefix(end))
            let left = size - start.count - end.count
            if String(validating: start, as: UTF8.self) == nil || String(validating: end, as: UTF8.self) == nil {
                // No text: then every byte counts, and none is taken away for the sake of a character.
                (start, end) = (head, Array(tail.suffix(tailLimit)))
                return (encoded(start + mark(size - start.count - end.count) + end), "base64")
            }
            return (String(decoding: start + mark(left) + end, as: UTF8.self), "utf-8")
        }
        start += end
        guard let text = String(validating: start, as: UTF8.self) else { return (encoded(start), "base64") }
        return (text, "utf-8")
    }

    private func mark(_ left: Int) -> [UInt8] {
        Array("\n… \(left) bytes left out …\n".utf8)
    }

    private func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
    }

    /// How many bytes at the end begin a character and do not finish it.
    private func unfinishedSuffix(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.count - length]
            let needed: Int
            switch byte {
            case 0xC0...0xDF: needed = 2
            case 0xE0...0xEF: needed = 3
            case 0xF0...0xF7: needed = 4
            case 0x80...0xBF: continue
            default: return 0
            }
            return needed > length ? length : 0
        }
        return 0
    }

    /// How many bytes at the beginning belong to a character that began before.
    private func unstartedPrefix(_ bytes: [UInt8]) -> Int {
        let prefix = bytes.prefix(4).prefix { $0 & 0xC0 == 0x80 }.count
        return prefix > 3 ? 0 : prefix
    }
}
