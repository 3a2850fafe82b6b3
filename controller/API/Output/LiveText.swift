// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// One output of a run that is followed, as events: text, in which no character is broken, or base64 where it is none.
struct LiveText {
    private let stream: RunOutput.Stream
    private let attempt: Int
    /// Where the next bytes are to begin.
    private(set) var place = 0
    /// The beginning of a character whose end has not come yet.
    private var begun: [UInt8] = []

    /// Begins an output.
    ///
    /// - Parameters:
    ///   - stream: which one.
    ///   - attempt: which execution.
    init(_ stream: RunOutput.Stream, attempt: Int) {
        self.stream = stream
        self.attempt = attempt
    }

    /// The events of bytes that have come; with one before them that says how many were left out.
    mutating func events(of bytes: [UInt8], at offset: Int) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        if offset > place { events += gap(to: offset) }
        // What is known already.
        let news = bytes.dropFirst(max(0, place - offset))
        place = max(place, offset + bytes.count)
        var text = begun + news
        begun = Array(text.suffix(Self.unfinished(text)))
        text.removeLast(begun.count)
        if !text.isEmpty { events.append(event(text, endingAt: place - begun.count)) }
        return events
    }

    /// The events that say that the bytes up to a place were left out.
    mutating func gap(to offset: Int) -> [ServerSentEvent] {
        guard offset > place else { return [] }
        let events = flush()
        var json = start(at: place)
        json.member("stream", stream.rawValue)
        json.member("left_out_bytes", offset - place)
        json.endObject()
        place = offset
        return events + [ServerSentEvent(name: "gap", data: json.take())]
    }

    /// The event of a character that has begun and does not end any more.
    mutating func flush() -> [ServerSentEvent] {
        guard !begun.isEmpty else { return [] }
        defer { begun = [] }
        return [event(begun, endingAt: place)]
    }

    private func event(_ bytes: [UInt8], endingAt end: Int) -> ServerSentEvent {
        var json = start(at: end - bytes.count)
        if let text = String(validating: bytes, as: UTF8.self) {
            json.member("text", text)
        } else {
            json.member("base64", Data(bytes).base64EncodedString())
        }
        json.endObject()
        return ServerSentEvent(name: stream.rawValue, data: json.take())
    }

    private func start(at offset: Int) -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        json.member("attempt", attempt)
        json.member("offset", offset)
        return json
    }

    /// How many bytes at the end begin a character and do not finish it.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let needed: Int
            switch bytes[bytes.count - length] {
            case 0xC2...0xDF: needed = 2
            case 0xE0...0xEF: needed = 3
            case 0xF0...0xF4: needed = 4
            case 0x80...0xBF: continue
            default: return 0
            }
            return needed > length ? length : 0
        }
        return 0
    }
}
