// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JobDispatch
import Jobs
import Store
import Testing

@testable import API

struct DrainTests {
    @Test func `a drained agent says so until it is resumed`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let drained = try await client.post("/api/v1/agents/WEB-1/drain", #"{"reason":"new disk"}"#)

            let drain: JSONValue = [
                "since": .string(fixture.now.description), "by": "admin", "reason": "new disk",
            ]
            #expect(drained.status == 200)
            #expect(drained.json["hostname"] == "web-1")
            #expect(drained.json["drain"] == drain)
            #expect(try await client.get("/api/v1/agents/web-1").json["drain"] == drain)
            #expect(try await fixture.store.agents().first { $0.agent.hostname == "web-1" }?.agent.drain != nil)

            let resumed = try await client.send(.post, "/api/v1/agents/web-1/resume")
            #expect(resumed.status == 200)
            #expect(resumed.json["drain"] == .null)
            #expect(try await client.get("/api/v1/agents/web-1").json["drain"] == .null)
            #expect(try await fixture.store.agents().allSatisfy { $0.agent.drain == nil })
        }
    }

    @Test func `to ask again is no error, and the last reason counts`() async throws {
        try await APIFixture().serve { client in
            _ = try await client.post("/api/v1/agents/web-1/drain", #"{"reason":"one"}"#)
            let second = try await client.send(.post, "/api/v1/agents/web-1/drain")
            _ = try await client.send(.post, "/api/v1/agents/web-1/resume")
            let again = try await client.send(.post, "/api/v1/agents/web-1/resume")

            #expect(second.status == 200)
            #expect(second.json["drain"]?["reason"] == .null)
            #expect(again.status == 200)
            #expect(again.json["drain"] == .null)
        }
    }

    @Test(arguments: ["drain", "resume"])
    func `an unknown agent is not found`(call: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.post, "/api/v1/agents/web-9/\(call)")

            #expect(answer.status == 404)
            #expect(answer.code == "not_found")
            #expect(answer.detail == "there is no agent 'web-9'")
        }
    }

    @Test(arguments: [
        (#"{"reason":"\#(String(repeating: "r", count: 1025))"}"#, "out_of_range", "/reason"),
        (#"{"reason":1}"#, "invalid_body", "/reason"), (#"{"until":"noon"}"#, "invalid_body", "/until"),
    ])
    func `a body that cannot be taken is refused with its place`(
        body: String,
        code: String,
        pointer: String
    ) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.post("/api/v1/agents/web-1/drain", body)

            #expect(answer.status == 400)
            #expect(answer.code == code)
            #expect(answer.pointers == [pointer])
            #expect(try await client.get("/api/v1/agents/web-1").json["drain"] == .null)
        }
    }

    @Test func `agents are listed by whether they are drained`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            _ = try await client.send(.post, "/api/v1/agents/web-2/drain")

            let drained = try await client.get("/api/v1/agents?drained=true")
            let others = try await client.get("/api/v1/agents?drained=false&target=web-*")

            #expect(drained.items.map { $0["hostname"] } == ["web-2"])
            #expect(drained.json["total_items"] == 1)
            #expect(others.items.map { $0["hostname"] } == ["web-1"])
            #expect(try await client.get("/api/v1/agents?drained=yes").code == "invalid_query")
        }
    }

    @Test func `a choice of any one agent passes over those that are drained`() async throws {
        let fixture = try await APIFixture(connected: ["web-1", "web-2"])
        let body = #"{"operation":{"type":"ping"},"target":"_any"}"#
        try await fixture.serve { client in
            _ = try await client.send(.post, "/api/v1/agents/web-1/drain")
            for _ in 0..<20 {
                let id = try #require(try await client.submit(body).json["id"]?.string)
                #expect(try await client.get("/api/v1/jobs/\(id)/runs").items.map { $0["hostname"] } == ["web-2"])
            }

            _ = try await client.send(.post, "/api/v1/agents/web-2/drain")
            let refused = try await client.submit(body)

            #expect(refused.status == 400)
            #expect(refused.code == "empty_target")
        }
    }

    @Test func `a job for a drained agent is taken and waits, and the agent gets it when it is resumed`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            _ = try await client.send(.post, "/api/v1/agents/web-1/drain")
            let answer = try await client.submit(#"{"operation":{"type":"ping"},"target":"web-1"}"#)

            #expect(answer.status == 201)
            #expect(try await fixture.deliver(to: ["web-1"]) == [])
            _ = try await client.send(.post, "/api/v1/agents/web-1/resume")
            let delivered = try await fixture.deliver(to: ["web-1"]).compactMap(\.assignment)
            #expect(delivered.map(\.jobID.description) == [answer.json["id"]?.string])
        }
    }
}
