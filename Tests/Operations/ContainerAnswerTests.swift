// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Operations

struct ContainerAnswerTests {
    /// Reads an answer that comes in pieces of a size.
    private func read(_ text: String, by size: Int) throws -> (status: Int, body: String, isComplete: Bool) {
        var answer = HTTPAnswer()
        var body: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            body += try answer.take(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return (answer.status, String(decoding: body, as: UTF8.self), answer.isComplete)
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func `answers are read however they come`(size: Int) throws {
        let counted = try read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", by: size)
        #expect(counted == (200, "hello", true))
        let chunked = try read(
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nc;x=y\r\n, this is it\r\n0\r\nX: y\r\n\r\n",
            by: size
        )
        #expect(chunked == (201, "hello, this is it", true))
        let empty = try read("HTTP/1.1 204 No Content\r\n\r\n", by: size)
        #expect(empty == (204, "", true))
        let open = try read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n\r\nraw\r\n\r\n", by: size)
        #expect(open == (200, "raw\r\n\r\n", false))
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    ])
    func `what is no answer is refused`(text: String) {
        #expect(throws: HTTPAnswer.Malformed.self) { try read(text, by: 1000) }
    }

    @Test func `an answer that breaks off is no whole one`() throws {
        var answer = HTTPAnswer()
        _ = try answer.take("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell".utf8)
        #expect(throws: HTTPAnswer.Malformed.self) { try answer.close() }
        var open = HTTPAnswer()
        _ = try open.take("HTTP/1.1 200 OK\r\n\r\nhell".utf8)
        try open.close()
        #expect(open.isComplete)
    }

    @Test(arguments: [1, 3, 100])
    func `the outputs of a program are taken apart`(size: Int) {
        let frames = OutputFrames(limit: 100)
        let bytes: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 3] + Array("out".utf8) + [2, 0, 0, 0, 0, 0, 0, 4] + Array("oops".utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            frames.take(bytes[start..<min(start + size, bytes.count)])
        }

        #expect(frames.outputs.output.text == "out" && frames.outputs.errors.text == "oops")
    }

    @Test func `the names of images are taken apart`() {
        for (name, parts) in [
            ("debian", ("debian", "latest")), ("debian:12", ("debian", "12")), ("a:5000/b", ("a:5000/b", "latest")),
            ("a:5000/b:c", ("a:5000/b", "c")), ("a@sha256:00", ("a@sha256:00", "")),
        ] {
            #expect(ContainerImage(name: name).parts == parts, "\(name)")
        }
    }

    @Test func `published ports are read`() {
        #expect(PublishedPort("8080:80")?.target == "80/tcp")
        #expect(PublishedPort("[::1]:53:5353/udp")?.address == "::1")
        #expect(PublishedPort("127.0.0.1:53:5353/udp")?.port == 53)
        for text in ["80", ":80", "80:", "0:80", "80:0", "80:80/x", "80:80/tcp/udp", "a b:80:80", "70000:80"] {
            #expect(PublishedPort(text) == nil, "\(text)")
        }
    }
}
