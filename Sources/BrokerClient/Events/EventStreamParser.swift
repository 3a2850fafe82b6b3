// SPDX-License-Identifier: Apache-2.0

/// Reads a stream of server-sent events as its bytes come.
///
/// After the HTML standard, section 9.2.6, "Interpreting an event stream"; `retry` is passed over, since who follows has a
/// policy of its own.
package struct EventStreamParser: Sendable {
    /// The longest line, in bytes.
    package static let longestLine = 64 << 20

    /// An event of a stream.
    package struct Event: Hashable, Sendable {
        /// The last id that was given; nil before the first.
        package let id: String?
        /// What it is; `message` where nothing is said.
        package let name: String
        /// Its lines of data.
        package let data: [UInt8]
    }

    private var line: [UInt8] = []
    private var isAfterCarriageReturn = false
    private var lastID: String?
    private var name = ""
    private var data: [UInt8]?

    /// Makes a parser at the beginning of a stream.
    package init() {}

    /// Takes bytes in.
    ///
    /// - Returns: the events that are whole with them.
    /// - Throws: ``BrokerClientError`` for a line without end.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(BrokerClientError) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            let isEnd = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            let isSecondHalf = byte == UInt8(ascii: "\n") && isAfterCarriageReturn
            isAfterCarriageReturn = byte == UInt8(ascii: "\r")
            if isSecondHalf { continue }
            guard isEnd else {
                line.append(byte)
                guard line.count <= Self.longestLine else {
                    throw BrokerClientError(code: .badAnswer, message: "a line of the stream has no end")
                }
                continue
            }
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data": data = data.map { $0 + [UInt8(ascii: "\n")] + value } ?? Array(value)
        case "id" where !value.contains(0): lastID = String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> Event? {
        defer { (name, data) = ("", nil) }
        guard let data else { return nil }
        return Event(id: lastID, name: name.isEmpty ? "message" : name, data: data)
    }
}
