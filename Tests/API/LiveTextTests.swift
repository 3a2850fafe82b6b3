// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import API

/// How bytes of a run that is followed become events.
struct LiveTextTests {
    private func texts(_ events: [ServerSentEvent]) -> [String] {
        events.map { "\($0.name) \(String(decoding: $0.data, as: UTF8.self))" }
    }

    @Test func `no character is broken between two events`() {
        var text = LiveText(.stdout, attempt: 2)
        let bytes = Array("aé€😀".utf8)

        var parts: [String] = []
        for (place, byte) in bytes.enumerated() { parts += texts(text.events(of: [byte], at: place)) }

        #expect(
            parts == [
                #"stdout {"attempt":2,"offset":0,"text":"a"}"#, #"stdout {"attempt":2,"offset":1,"text":"é"}"#,
                #"stdout {"attempt":2,"offset":3,"text":"€"}"#, #"stdout {"attempt":2,"offset":6,"text":"😀"}"#,
            ]
        )
    }

    @Test func `what is no text comes in base64, and what does not go on at the end`() {
        var text = LiveText(.stderr, attempt: 1)

        let odd = text.events(of: [0xFF, 0x00], at: 0)
        let begun = text.events(of: [0x61, 0xE2, 0x82], at: 2)

        #expect(texts(odd) == [#"stderr {"attempt":1,"offset":0,"base64":"/wA="}"#])
        #expect(texts(begun) == [#"stderr {"attempt":1,"offset":2,"text":"a"}"#])
        #expect(texts(text.flush()) == [#"stderr {"attempt":1,"offset":3,"base64":"4oI="}"#])
        #expect(text.flush().isEmpty)
    }

    @Test func `what was left out is said, and what is known is not told again`() {
        var text = LiveText(.stdout, attempt: 1)

        #expect(texts(text.events(of: Array("abc".utf8), at: 0)).count == 1)
        #expect(texts(text.events(of: Array("bcd".utf8), at: 1)) == [#"stdout {"attempt":1,"offset":3,"text":"d"}"#])
        #expect(
            texts(text.events(of: Array("z".utf8), at: 10)) == [
                #"gap {"attempt":1,"offset":4,"stream":"stdout","left_out_bytes":6}"#,
                #"stdout {"attempt":1,"offset":10,"text":"z"}"#,
            ]
        )
        #expect(text.events(of: Array("abc".utf8), at: 0).isEmpty && text.gap(to: 5).isEmpty && text.place == 11)
    }
}
