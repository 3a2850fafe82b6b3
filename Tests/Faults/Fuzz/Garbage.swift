// SPDX-License-Identifier: Apache-2.0

import Jobs
import Randomness
import Wire

/// Bytes that no well-behaved peer sends; they follow from the generator.
struct Garbage {
    var generator: SeededGenerator

    /// Bytes at random.
    mutating func random(upTo count: Int) -> [UInt8] {
        (0..<Int.random(in: 1...count, using: &generator)).map { _ in .random(in: .min ... .max, using: &generator) }
    }

    /// Bytes that were changed, cut, doubled or moved in a few places.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.insert(contentsOf: bytes[place...].prefix(40), at: place)
            case 4: bytes.insert(contentsOf: random(upTo: 20), at: place)
            default: bytes.remove(at: place)
            }
        }
        return bytes
    }

    /// What a client of nng's port might send: a handshake and messages, each more or less damaged.
    mutating func conversation() -> [UInt8] {
        let handshake: [UInt8] = [0, 0x53, 0x50, 0, 0, 0x30, 0, 0]
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return random(upTo: 400)
        case 1: return mutated(handshake) + random(upTo: 100)
        case 2: return handshake + random(upTo: 400)
        // A message that claims to be far larger than it is.
        case 3: return handshake + [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] + random(upTo: 50)
        case 4: return handshake + [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        // No end of the header of requests.
        case 5: return handshake + framed([0, 0, 0, 1] + random(upTo: 60))
        case 6: return handshake + framed([0x80, 0, 0, 1] + mutated(message().bytes))
        default:
            let messages = (0..<4).map { _ in framed([0x80, 0, 0, 1] + mutated(message().bytes)) }
            return handshake + messages.joined()
        }
    }

    /// A message as an agent may send it, with odd but well-formed contents.
    private mutating func message() -> AgentMessage {
        let number = UInt64.random(in: .min ... .max, using: &generator)
        let id = JobID(high: number, low: ~number)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            return .hello(
                Introduction(
                    instance: "\(number)",
                    hostname: "fuzz",
                    labels: ["a": "b"],
                    facts: ["c": 1],
                    version: "0",
                    ledgerID: "x"
                )
            )
        case 1:
            let run = Poll.ActiveRun(jobID: id, attempt: 1)
            return .poll(Poll(instance: "x", storeID: "y", held: number, active: [run], sequence: number))
        default:
            let outcome = RunOutcome(state: .completed, changed: true, data: ["stdout": "z"])
            return .reports([
                RunReport(sequence: 1, jobID: id, attempt: 1, event: .started),
                RunReport(sequence: 2, jobID: id, attempt: 1, event: .ended(outcome)),
            ])
        }
    }

    private func framed(_ bytes: [UInt8]) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) } + bytes
    }

    /// What a client of the HTTP port might send.
    mutating func request() -> [UInt8] {
        let body = #"{"operation":{"type":"ping","data":{}},"target":"_all"}"#
        let good = [
            "GET /api/v1/jobs?limit=5 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n",
            "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)",
            "POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
            "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 300))\r\n",
        ]
        if Int.random(in: 0..<5, using: &generator) == 0 { return random(upTo: 400) }
        return mutated(Array((good.randomElement(using: &generator) ?? "").utf8))
    }
}
