// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Testing

@testable import API

struct ConnectionStateMachineTests {
    private var machine = ConnectionStateMachine(lingerBytes: 10)

    private func head(expect: String? = nil) -> HTTPRequestPart {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "a", path: "/")
        head.headerFields[.expect] = expect
        return .head(head)
    }

    private func body(_ count: Int) -> HTTPRequestPart { .body(ByteBuffer(repeating: 0, count: count)) }

    @Test func `an answer to a whole request leaves the connection open`() {
        var machine = machine
        for _ in 0..<2 {
            for part in [head(), body(99), .end(nil)] { #expect(machine.read(part) == .pass) }
            #expect(machine.beginAnswer(isFinal: false) == false)
            #expect(machine.endAnswer() == false)
        }
        #expect(!machine.isLingering)
    }

    @Test func `an answer before the end of its request is the last`() {
        var machine = machine
        for part in [head(), body(99)] { #expect(machine.read(part) == .pass) }
        #expect(machine.beginAnswer(isFinal: false) == true)
        // It has been said: that the rest comes now does not change it.
        #expect(machine.read(.end(nil)) == .pass)
        #expect(machine.endAnswer() == true)
        #expect(machine.isLingering)
    }

    @Test func `an answer is held against its own request, not against the one that comes in`() {
        var machine = machine
        for part in [head(), .end(nil), head()] { _ = machine.read(part) }

        #expect(!machine.awaitsBody)
        #expect(machine.beginAnswer(isFinal: false) == false)
        #expect(machine.endAnswer() == false)
        #expect(machine.awaitsBody)
        #expect(machine.beginAnswer(isFinal: false) == true)
    }

    @Test func `a bounded part of the rest is dropped after the last answer`() {
        var machine = machine
        _ = machine.read(head())
        _ = machine.beginAnswer(isFinal: false)
        _ = machine.endAnswer()

        #expect(machine.read(body(10)) == .drop)
        #expect(machine.mayDrain)
        #expect(machine.read(body(1)) == .stopReading)
        #expect(!machine.mayDrain)
        #expect(machine.read(.end(nil)) == .close)
    }

    @Test func `an answer that is the last for its own reason ends the connection`() {
        var machine = machine
        #expect(machine.beginAnswer(isFinal: true) == true)
        #expect(machine.endAnswer() == true)
        #expect(machine.read(head()) == .drop)
    }

    @Test(arguments: [nil, "100-continue", "100-Continue", "other"])
    func `only who waits to be told is told, once`(expect: String?) {
        var machine = machine
        _ = machine.read(head(expect: expect))

        #expect(machine.wantBody() == (expect?.lowercased() == "100-continue"))
        #expect(machine.wantBody() == false)
    }

    @Test func `nobody is told once the body comes or the answer began`() {
        var sending = machine
        var answered = machine
        for part in [head(expect: "100-continue"), body(1)] { _ = sending.read(part) }
        _ = answered.read(head(expect: "100-continue"))
        _ = answered.beginAnswer(isFinal: false)

        #expect(sending.wantBody() == false)
        #expect(answered.wantBody() == false)
    }
}
