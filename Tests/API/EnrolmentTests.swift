// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

/// The calls that make agents of hosts, over a store without an authority.
struct EnrolmentTests {
    @Test(
        arguments: [
            (.get, "/api/v1/enrolments"), (.post, "/api/v1/enrolments/web-9/accept"),
            (.post, "/api/v1/enrolments/web-9/reject"), (.post, "/api/v1/agents/web-1/revoke"),
            (.get, "/api/v1/join-tokens"), (.post, "/api/v1/join-tokens"), (.delete, "/api/v1/join-tokens/x"),
        ] as [(HTTPRequest.Method, String)]
    )
    func `what people do about agents needs a key`(method: HTTPRequest.Method, path: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(method, path, key: nil)

            #expect(answer.status == 401)
        }
    }

    @Test func `without an authority nobody can join, and it is said why`() async throws {
        try await APIFixture().serve { client in
            let body = #"{"hostname":"web-9","certificate_request":"x"}"#
            let answers = [
                try await client.send(.get, "/api/v1/authorities", key: nil),
                try await client.send(.post, "/api/v1/enrolments", key: nil, body: body),
                try await client.send(.post, "/api/v1/join-tokens", body: "{}"),
            ]

            #expect(answers.map(\.status) == [409, 409, 409])
            #expect(answers.map(\.code) == ["no_authority", "no_authority", "no_authority"])
        }
    }

    @Test(arguments: [
        #"{"hostname":"web-9"}"#, #"{"hostname":"","certificate_request":"x"}"#,
        #"{"hostname":"web-9","certificate_request":"x","secret":1}"#,
        #"{"hostname":"web-9","certificate_request":"x","id":"5d41402abc4b2a76b9719d911017c592"}"#, "[]",
    ])
    func `a request to join that is none is refused`(body: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.post, "/api/v1/enrolments", key: nil, body: body)

            #expect(answer.status == 400 && answer.code == "invalid_body")
        }
    }

    @Test(arguments: [
        #"{"ttl":0}"#, #"{"ttl":1e9}"#, #"{"uses":0}"#, #"{"uses":1000000}"#, #"{"labels":{"":"x"}}"#,
    ])
    func `a join token out of its bounds is refused`(body: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.post, "/api/v1/join-tokens", body: body)

            #expect(answer.status == 400 && answer.code == "out_of_range")
        }
    }

    @Test(arguments: [
        ("/api/v1/join-tokens", #"{"labels":{"env":"prod","and":"x"}}"#, "out_of_range", "/labels/and"),
        ("/api/v1/join-tokens", #"{"labels":{"_all":"x"}}"#, "out_of_range", "/labels/_all"),
        ("/api/v1/enrolments/web-9/accept", #"{"labels":{"a/b=c":"x"}}"#, "out_of_range", "/labels/a~1b=c"),
        ("/api/v1/enrolments/web-9/accept", #"{"labels":{"a":"\u0007"}}"#, "out_of_range", "/labels/a"),
        ("/api/v1/enrolments", #"{"hostname":"_all","certificate_request":"x"}"#, "invalid_body", "/hostname"),
        ("/api/v1/enrolments", #"{"hostname":"and","certificate_request":"x"}"#, "invalid_body", "/hostname"),
    ])
    func `names that targets could not tell from their words are refused, with their place`(
        path: String,
        body: String,
        code: String,
        pointer: String
    ) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.post, path, body: body)

            #expect(answer.status == 400 && answer.code == code)
            #expect(answer.pointers == [pointer])
        }
    }

    @Test func `nobody waits, so nobody is accepted`() async throws {
        try await APIFixture().serve { client in
            let accepted = try await client.send(.post, "/api/v1/enrolments/web-9/accept")
            let listed = try await client.get("/api/v1/enrolments?state=pending")
            let revoked = try await client.send(.delete, "/api/v1/join-tokens/none")

            #expect(accepted.status == 404 && revoked.status == 404)
            #expect(listed.status == 200 && listed.items.isEmpty)
        }
    }

    @Test func `an agent is revoked by its name, and is not known any more`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let first = try await client.send(.post, "/api/v1/agents/WEB-1/revoke")
            let second = try await client.send(.post, "/api/v1/agents/WEB-1/revoke")

            let unknown = try await client.send(.post, "/api/v1/agents/5d41402abc4b2a76b9719d911017c592/revoke")

            #expect(first.status == 204 && second.status == 404 && unknown.status == 404)
        }

        #expect(fixture.directory.agent(named: "web-1") == nil)
        #expect(try await fixture.store.agents().map(\.agent.hostname) == ["db-1", "web-2"])
    }
}
