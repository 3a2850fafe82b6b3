// SPDX-License-Identifier: Apache-2.0

/// An answer of HTTP/1.1 (RFC 9112), read as its bytes come; the connection carries no other one.
struct HTTPAnswer {
    /// The status; 0 before the head is there.
    private(set) var status = 0
    /// Whether all of it is there.
    private(set) var isComplete = false
    private var buffer: [UInt8] = []
    private var framing = Framing.head

    private enum Framing {
        /// The status line and the headers are to come.
        case head
        /// The body ends with the connection.
        case open
        /// So many bytes of the body are to come.
        case counted(Int)
        /// A line with the size of a chunk is to come.
        case chunkSize
        /// So many bytes of a chunk, and the end of its line, are to come.
        case chunk(Int)
        /// The lines after the last chunk.
        case trailer
    }

    /// The bytes are no answer of HTTP.
    struct Malformed: Error {}

    /// Most bytes of the head, and of a line between chunks.
    private static let lineLimit = 65_536

    /// Takes the next bytes.
    ///
    /// - Parameter bytes: as they came.
    /// - Returns: what of the body is in them.
    /// - Throws: ``Malformed``.
    mutating func take(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [UInt8] {
        buffer += bytes
        var body: [UInt8] = []
        while try step(&body) {}
        return body
    }

    /// Notes that the other side has closed the connection.
    mutating func close() throws(Malformed) {
        if case .open = framing { isComplete = true }
        guard isComplete else { throw Malformed() }
    }

    /// Goes on by one part; answers whether there may be another one.
    private mutating func step(_ body: inout [UInt8]) throws(Malformed) -> Bool {
        guard !isComplete else { return false }
        switch framing {
        case .head: return try readHead()
        case .open:
            body += buffer
            buffer = []
            return false
        case .counted(let count):
            let part = buffer.prefix(count)
            body += part
            buffer.removeFirst(part.count)
            framing = .counted(count - part.count)
            isComplete = part.count == count
            return false
        case .chunkSize:
            guard let line = try line() else { return false }
            guard let size = Int(line.prefix { $0 != ";" && $0 != " " }, radix: 16), size >= 0, size < 1 << 40 else {
                throw Malformed()
            }
            framing = size == 0 ? .trailer : .chunk(size + 2)
            return true
        case .chunk(let count):
            let part = buffer.prefix(count)
            // The last two bytes end the line.
            body += part.prefix(max(0, count - 2))
            buffer.removeFirst(part.count)
            framing = part.count == count ? .chunkSize : .chunk(count - part.count)
            return part.count == count
        case .trailer:
            guard let line = try line() else { return false }
            isComplete = line.isEmpty
            return true
        }
    }

    /// The next line without its end; nil where that is not there yet.
    private mutating func line() throws(Malformed) -> String? {
        guard let end = buffer.firstIndex(of: UInt8(ascii: "\n")) else {
            guard buffer.count <= Self.lineLimit else { throw Malformed() }
            return nil
        }
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
    }

    private mutating func readHead() throws(Malformed) -> Bool {
        guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else {
            guard buffer.count <= Self.lineLimit else { throw Malformed() }
            return false
        }
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        buffer.removeSubrange(..<end.upperBound)
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw Malformed() }
        // A 100 is followed by the answer itself.
        if (100..<200).contains(status), status != 101 { return true }
        self.status = status
        framing = try Self.framing(status, lines.dropFirst())
        if case .counted(0) = framing { isComplete = true }
        return true
    }

    private static func framing(_ status: Int, _ headers: some Sequence<Substring>) throws(Malformed) -> Framing {
        if status == 204 || status == 304 { return .counted(0) }
        var framing = Framing.open
        for header in headers {
            guard let colon = header.firstIndex(of: ":") else { throw Malformed() }
            let value = header[header.index(after: colon)...].split(separator: " ").joined(separator: " ").lowercased()
            switch header[..<colon].lowercased() {
            case "transfer-encoding" where value == "chunked": return .chunkSize
            case "content-length":
                guard let count = Int(value), count >= 0 else { throw Malformed() }
                framing = .counted(count)
            default: break
            }
        }
        return framing
    }
}
