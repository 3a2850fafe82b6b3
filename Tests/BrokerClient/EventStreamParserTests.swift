// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import BrokerClient

struct EventStreamParserTests {
    private typealias Event = EventStreamParser.Event

    private static let stream = """
        : a comment

        id: 1
        event: job
        data: {"a":

        data:1
        data: 2
        id: 2
        retry: 10
        unknown: x
        data

        event: nothing


        id
        data:  three

        data: not whole
        """

    private static let events = [
        Event(id: "1", name: "job", data: Array(#"{"a":"#.utf8)),
        Event(id: "2", name: "message", data: Array("1\n2\n".utf8)),
        Event(id: "", name: "message", data: Array(" three".utf8)),
    ]

    @Test(arguments: ["\n", "\r", "\r\n"])
    func `events are read as the standard says, whatever ends the lines`(end: String) throws {
        var parser = EventStreamParser()

        #expect(try parser.take(Self.stream.replacing("\n", with: end).utf8) == Self.events)
    }

    @Test(arguments: ["\n", "\r\n"])
    func `events are the same in whatever parts they come`(end: String) throws {
        var parser = EventStreamParser()
        var events: [Event] = []
        for byte in Self.stream.replacing("\n", with: end).utf8 { events += try parser.take([byte]) }

        #expect(events == Self.events)
    }
}
