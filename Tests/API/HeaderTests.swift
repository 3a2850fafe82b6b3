// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
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

        #expect(MediaRange.isAcceptable("application/json", to: headers) == isAcceptable)
    }

    @Test func `parameters of the answer mean nothing`() {
        let prometheus = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"

        #expect(MediaRange.isAcceptable("text/plain; version=0.0.4; charset=utf-8", to: [.accept: prometheus]))
    }
}
