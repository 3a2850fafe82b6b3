// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import API

struct QueryTests {
    private let parameters: [QueryParameter] = [
        .limit((default: 50, maximum: 500)), .offset,
        QueryParameter(name: "status", kind: .choice(["completed", "failed"]), summary: ""),
        QueryParameter(name: "data", kind: .flag(default: true), summary: ""),
        QueryParameter(name: "connected", kind: .flag(default: nil), summary: ""),
        QueryParameter(name: "target", kind: .text(length: 1...10), summary: ""),
    ]

    private func code(_ text: String) -> APIError.Code? {
        do {
            _ = try Query(text, allowed: parameters)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [nil, "", "&"])
    func `an empty query gives the defaults`(text: String?) throws {
        let query = try Query(text, allowed: parameters)

        #expect(query.limit == 50)
        #expect(query.offset == 0)
        #expect(query.flag("data") == true)
        #expect(query.flag("connected") == nil)
        #expect(query.text("status") == nil)
        #expect(query.text("target") == nil)
    }

    @Test func `values are read as what they are`() throws {
        let query = try Query(
            "limit=500&offset=1000000&status=failed&data=false&connected=true&target=env%3Dprod+and%20not%20w%C3%A9b",
            allowed: parameters
        )

        #expect(query.limit == 500)
        #expect(query.offset == 1_000_000)
        #expect(query.text("status") == "failed")
        #expect(query.flag("data") == false)
        #expect(query.flag("connected") == true)
        #expect(query.text("target") == "env=prod and not wéb")
    }

    @Test(arguments: [
        "x=1", "Limit=1", "limit=1&limit=2", "limit=", "limit=ten", "limit=1.5", "limit=+5", "limit", "status=done",
        "status=", "data=yes", "connected=1", "target=%ZZ", "target=%4", "target=%FF", "=1",
    ])
    func `what is unknown, there twice or of the wrong type is an invalid query`(text: String) {
        #expect(code(text) == .invalidQuery)
    }

    @Test(arguments: [
        "limit=0", "limit=501", "limit=-1", "limit=99999999999999999999999", "offset=-1", "offset=1000001",
    ])
    func `a number outside its limits is out of range`(text: String) {
        #expect(code(text) == .outOfRange)
    }
}
