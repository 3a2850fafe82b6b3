// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization
import Testing

@testable import API

struct MediaRangeTests {
    @Test(
        arguments: [
            (nil, true), ("", true), ("*/*", true), ("application/json", true), ("application/*", true),
            ("text/html, application/json;q=0.1", true), ("APPLICATION/JSON; charset=utf-8", true),
            ("text/html", false), ("application/json;q=0", false), ("*/*;q=1, application/json;q=0", false),
            ("application/json, */*;q=0", true), ("application/*;q=0, */*", false), ("json", false),
            ("text/*, image/png", false), ("application/json; q = 0.0", false), ("*/json", false),
        ] as [(String?, Bool)]
    )
    func `the narrowest range decides`(accept: String?, isAcceptable: Bool) {
        var headers = HTTPFields()
        headers[.accept] = accept

        #expect((MediaRange.preferred(of: ["application/json"], by: headers) != nil) == isAcceptable)
    }

    @Test func `parameters of the answer mean nothing`() {
        let prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"

        let type = "text/plain; version=0.0.4; charset=utf-8"
        #expect(MediaRange.preferred(of: [type], by: [.accept: prometheus]) == type)
    }

    @Test(
        arguments: [
            (nil, "text/csv"), ("*/*", "text/csv"), ("application/x-ndjson", "application/x-ndjson"),
            ("text/csv;q=0.5, application/x-ndjson;q=0.6", "application/x-ndjson"),
            ("application/x-ndjson, text/csv", "text/csv"), ("text/csv;q=0, */*;q=0.1", "application/x-ndjson"),
            ("text/html, */*;q=0.8", "text/csv"), ("application/*, text/*;q=0.9", "application/x-ndjson"),
            ("application/json", nil), ("*/*;q=0", nil),
        ] as [(String?, String?)]
    )
    func `of several types that one is given that is wanted most`(accept: String?, type: String?) {
        var headers = HTTPFields()
        headers[.accept] = accept

        #expect(MediaRange.preferred(of: ["text/csv", "application/x-ndjson"], by: headers) == type)
    }
}

struct TraceHeaderTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    /// Keeps the metadata of all lines.
    private struct Recorder: LogHandler {
        final class Lines: Sendable {
            let all = Mutex<[String: Logger.Metadata]>([:])
        }

        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let whole = metadata.merging(event.metadata ?? [:]) { $1 }
            lines.all.withLock { $0["\(event.message)"] = whole }
        }
    }

    @Test func `the access log has the trace and the id of the request`() async throws {
        let lines = Recorder.Lines()
        let logger = Logger(label: "test") { _ in Recorder(lines: lines) }
        let fixture = try await APIFixture()
        let application = Application(router: fixture.router(), logger: logger)
        try await application.test(.router) { client in
            let client = APIClient(client: client)
            let header = ["traceparent": "00-\(Self.trace)-\(Self.parent)-01", "Request-Id": "my-id"]
            _ = try await client.send(.get, "/api/v1/status", headers: header)
            let line = try #require(lines.all.withLock { $0["answered"] })
            #expect(line["trace.id"] == "\(Self.trace)")
            #expect(line["trace.parent"] == "\(Self.parent)")
            #expect(line["request.id"] == "my-id")
            #expect(line["http.status"] == "200")

            _ = try await client.send(.get, "/api/v1/limits", headers: ["traceparent": "nonsense"])
            let other = try #require(lines.all.withLock { $0["answered"] })
            #expect(other["http.path"] == "/api/v1/limits")
            #expect(other["trace.id"] == nil && other["trace.parent"] == nil)
        }
    }
}
