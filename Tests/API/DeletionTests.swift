// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Jobs
import Store
import Testing

@testable import API

struct DeletionTests {
    @Test func `a deleted job is in no answer any more`() async throws {
        let fixture = try await APIFixture()
        let gone = try await fixture.submit("web-1")
        let stays = try await fixture.submit("web-1")
        for job in [gone, stays] { try await fixture.end(job, on: ["web-1"], RunOutcome(state: .failed)) }
        try await fixture.serve { client in
            let answer = try await client.send(.delete, "/api/v1/jobs/\(gone.id)")

            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
            for suffix in ["", "/runs", "/timeline"] {
                #expect(try await client.get("/api/v1/jobs/\(gone.id)\(suffix)").code == "not_found", "\(suffix)")
            }
            for suffix in ["/cancel", "/retry"] {
                let answer = try await client.send(.post, "/api/v1/jobs/\(gone.id)\(suffix)")
                #expect(answer.code == "not_found", "\(suffix)")
            }
            #expect(try await client.send(.delete, "/api/v1/jobs/\(gone.id)").status == 404)
            for listing in ["/api/v1/jobs", "/api/v1/jobs?status=failed"] {
                let page = try await client.get(listing)
                #expect(page.items.map { $0["id"]?.string } == [stays.id.description], "\(listing)")
                #expect(page.json["total_items"] == 1, "\(listing)")
            }
            #expect(try await client.get("/api/v1/status").json["jobs"]?["failed"] == 1)
        }
    }

    @Test func `an open job stays`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.serve { client in
            let answer = try await client.send(.delete, "/api/v1/jobs/\(job.id)")

            #expect(answer.status == 409)
            #expect(answer.code == "job_not_finished")
            #expect(try await client.get("/api/v1/jobs/\(job.id)").status == 200)
        }
    }

    @Test func `an unknown job is not found`() async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.delete, "/api/v1/jobs/nonsense")

            #expect(answer.code == "not_found")
        }
    }

    @Test func `who asks again with the key of a deleted job does not have it executed anew`() async throws {
        let fixture = try await APIFixture()
        let body = #"{"operation":{"type":"ping"},"target":"web-1"}"#
        let key = ["Idempotency-Key": "k-1"]
        try await fixture.serve { client in
            let first = try await client.send(.post, "/api/v1/jobs", headers: key, body: body)
            let id = try #require(first.json["id"]?.string)
            _ = try await client.send(.post, "/api/v1/jobs/\(id)/cancel")
            _ = try await client.send(.delete, "/api/v1/jobs/\(id)")

            let hidden = try await client.send(.post, "/api/v1/jobs", headers: key, body: body)
            while try await fixture.store.purge(limit: 10) {}
            let purged = try await client.send(.post, "/api/v1/jobs", headers: key, body: body)

            for answer in [hidden, purged] {
                #expect(answer.status == 409)
                #expect(answer.code == "job_deleted")
            }
            #expect(try await fixture.store.jobs(status: nil, limit: 1, offset: 0).total == 0)
        }
    }
}
