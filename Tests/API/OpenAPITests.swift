// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import JobDispatch
import Jobs
import Testing

@testable import API

struct OpenAPITests {
    @Test func `every call is described`() async throws {
        try await APIFixture().serve { client in
            let document = try await client.get("/openapi.json").json

            #expect(document["openapi"] == "3.1.0")
            let paths = try #require(document["paths"]?.object)
            let calls = paths.flatMap { path, methods in (methods.object ?? [:]).keys.map { "\($0) \(path)" } }
            #expect(
                calls.sorted() == [
                    "delete /api/v1/jobs/{id}", "delete /api/v1/join-tokens/{id}", "delete /api/v1/keys/{id}",
                    "delete /api/v1/webhooks/{id}",
                    "get /api/v1/agents", "get /api/v1/agents/{hostname}", "get /api/v1/audit",
                    "get /api/v1/authorities", "get /api/v1/enrolments", "get /api/v1/events",
                    "get /api/v1/jobs", "get /api/v1/jobs/export", "get /api/v1/jobs/{id}",
                    "get /api/v1/jobs/{id}/events", "get /api/v1/jobs/{id}/groups",
                    "get /api/v1/jobs/{id}/runs",
                    "get /api/v1/jobs/{id}/runs/{hostname}/output", "get /api/v1/jobs/{id}/timeline",
                    "get /api/v1/join-tokens",
                    "get /api/v1/keys", "get /api/v1/limits", "get /api/v1/operations",
                    "get /api/v1/status", "get /api/v1/webhooks", "get /api/v1/webhooks/{id}",
                    "get /api/v1/webhooks/{id}/deliveries",
                    "get /healthz", "get /metrics", "get /openapi.json",
                    "get /readyz", "patch /api/v1/webhooks/{id}",
                    "post /api/v1/agents/{hostname}/drain", "post /api/v1/agents/{hostname}/resume",
                    "post /api/v1/agents/{hostname}/revoke", "post /api/v1/enrolments",
                    "post /api/v1/enrolments/{host}/accept", "post /api/v1/enrolments/{host}/reject",
                    "post /api/v1/jobs", "post /api/v1/jobs/{id}/cancel", "post /api/v1/jobs/{id}/retry",
                    "post /api/v1/join-tokens", "post /api/v1/keys", "post /api/v1/targets/preview",
                    "post /api/v1/webhooks",
                    "post /api/v1/webhooks/{id}/deliveries/{delivery}/replay", "post /api/v1/webhooks/{id}/enable",
                    "post /api/v1/webhooks/{id}/rotate", "post /api/v1/webhooks/{id}/test",
                ]
            )
            #expect(paths["/healthz"]?["get"]?["security"] == [])
            let parameters = paths["/api/v1/jobs"]?["get"]?["parameters"]?.array ?? []
            #expect(parameters.count == 20)
            // Clients that are made of the description send defaults, and ways to page exclude each other.
            #expect(parameters.allSatisfy { $0["schema"]?["default"] == nil })
            let export = paths["/api/v1/jobs/export"]?["get"]
            let required = export?["parameters"]?.array?.filter { $0["required"] == true }
            #expect(export?["parameters"]?.array?.count == 14 && required?.map { $0["name"] } == ["from", "to"])
            let types = export?["responses"]?["200"]?["content"]?.object?.keys.sorted()
            #expect(types == ["application/x-ndjson", "text/csv"])
        }
    }

    @Test func `links lead from answers to calls that there are, with all that is in their paths`() async throws {
        try await APIFixture().serve { client in
            let document = try await client.get("/openapi.json").json
            let paths = try #require(document["paths"]?.object)
            let calls = paths.flatMap { path, methods in
                (methods.object ?? [:]).values.map { (name: $0["operationId"]?.string ?? "", path: path, call: $0) }
            }

            let links = calls.flatMap { call in
                (call.call["responses"]?.object ?? [:]).values.flatMap { ($0["links"]?.object ?? [:]).values }
            }

            #expect(links.count > 40)
            for link in links {
                let target = calls.first { $0.name == link["operationId"]?.string }
                let names = target?.path.split(separator: "/").compactMap { Endpoint.parameter($0) }
                #expect(names.map { Set($0.map(String.init)) } == link["parameters"]?.object.map { Set($0.keys) })
            }
            let submission = paths["/api/v1/jobs"]?["post"]?["responses"]?["201"]?["links"]
            #expect(submission?["getJob"]?["parameters"] == ["id": "$response.body#/id"])
        }
    }

    @Test func `operations are described with their schemas`() async throws {
        try await APIFixture().serve { client in
            let document = try await client.get("/openapi.json").json

            let schema = document["paths"]?["/api/v1/jobs"]?["post"]?["requestBody"]?["content"]?["application/json"]?[
                "schema"
            ]
            let choices = schema?["properties"]?["operation"]?["oneOf"]?.array ?? []
            #expect(
                choices.compactMap { $0["properties"]?["type"]?["const"]?.string }
                    == OperationCatalogue.builtIn.descriptors.map(\.type)
            )
            let command = choices.first { $0["title"] == "command.exec" }
            let ping = choices.first { $0["title"] == "ping" }
            #expect(command?["required"] == ["type", "data"] && ping?["required"] == ["type"])
        }
    }

    @Test func `bounds are described, and hold`() async throws {
        let limits = JobLimits()
        try await APIFixture().serve { client in
            let document = try await client.get("/openapi.json").json
            let paths = document["paths"]
            let body = paths?["/api/v1/jobs"]?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"]
            let properties = try #require(body?["properties"])
            let target = paths?["/api/v1/agents"]?["get"]?["parameters"]?.array?.first { $0["name"] == "target" }

            #expect(properties["note"]?["maxLength"] == JSONValue(limits.noteLength))
            #expect(properties["deadline"]?["minimum"] == 1)
            #expect(properties["deadline"]?["maximum"] == 604_800)
            #expect(properties["target"]?["maxLength"] == JSONValue(TargetExpression.maximumLength))
            #expect(target?["schema"] == ["type": "string", "minLength": 1, "maxLength": 4096])
            #expect(try await client.get("/api/v1/agents?target=").code == "invalid_target")
            for operation in properties["operation"]?["oneOf"]?.array ?? []
            where operation["title"]?.string?.hasPrefix("command.") == true {
                for name in ["cwd", "creates", "removes"] {
                    #expect(operation["properties"]?["data"]?["properties"]?[name]?["pattern"] == "^/", "\(name)")
                }
            }
            let relative = #"{"operation":{"type":"command.shell","data":{"command":"x","cwd":"tmp"}},"target":"_all"}"#
            #expect(try await client.submit(relative).pointers == ["/operation/data/cwd"])
        }
    }

    @Test func `every answer is as described`() async throws {
        let fixture = try await APIFixture()
        let job = try await fixture.submit()
        try await fixture.end(
            job,
            on: ["web-1"],
            RunOutcome(
                state: .failed,
                changed: true,
                error: RunError(code: "non_zero_exit", message: "exit code 3"),
                data: ["exit_code": 3],
                digest: ResultDigest(bytes: Array(repeating: 0xAB, count: 32))
            )
        )
        try await fixture.serve { client in
            let document = try await client.get("/openapi.json").json
            let calls = [
                ("get", "/api/v1/jobs", "/api/v1/jobs", "200"),
                ("get", "/api/v1/jobs/{id}", "/api/v1/jobs/\(job.id)", "200"),
                ("get", "/api/v1/jobs/{id}/runs", "/api/v1/jobs/\(job.id)/runs", "200"),
                ("get", "/api/v1/jobs/{id}/groups", "/api/v1/jobs/\(job.id)/groups", "200"),
                ("get", "/api/v1/jobs/{id}/timeline", "/api/v1/jobs/\(job.id)/timeline", "200"),
                ("get", "/api/v1/agents", "/api/v1/agents", "200"),
                ("get", "/api/v1/agents/{hostname}", "/api/v1/agents/web-1", "200"),
                ("get", "/api/v1/operations", "/api/v1/operations", "200"),
                ("get", "/api/v1/status", "/api/v1/status", "200"),
                ("get", "/api/v1/limits", "/api/v1/limits", "200"),
                ("get", "/healthz", "/healthz", "200"), ("get", "/readyz", "/readyz", "200"),
                ("get", "/api/v1/agents/{hostname}", "/api/v1/agents/web-9", "404"),
                ("get", "/api/v1/jobs", "/api/v1/jobs?limit=0", "400"),
            ]
            for (method, path, uri, status) in calls {
                try check(try await client.get(uri), document, method, path, status)
            }
            let submission = #"{"operation":{"type":"ping"},"target":"_all"}"#
            try check(try await client.submit(submission), document, "post", "/api/v1/jobs", "201")
            try check(try await client.submit("{}"), document, "post", "/api/v1/jobs", "400")
            let wanted = #"{"name":"ci","scopes":["job:read"],"operations":["ping"]}"#
            let key = try await client.post("/api/v1/keys", wanted)
            try check(key, document, "post", "/api/v1/keys", "201")
            for path in ["/api/v1/keys", "/api/v1/audit"] {
                try check(try await client.get(path), document, "get", path, "200")
            }
            let preview = try await client.post("/api/v1/targets/preview", #"{"target":"_all"}"#)
            try check(preview, document, "post", "/api/v1/targets/preview", "200")
        }
    }

    @Test func `every answer of what is done to jobs and agents is as described`() async throws {
        let fixture = try await APIFixture()
        let open = try await fixture.submit()
        try await fixture.deliver(to: ["web-1"])
        let failed = try await fixture.submit("web-2")
        try await fixture.end(failed, on: ["web-2"], RunOutcome(state: .failed))
        try await fixture.serve { client in
            let document = try await client.get("/openapi.json").json
            let policy =
                #""retry":{"max_attempts":2,"backoff":0.5},"on_interrupt":"rerun","parallel":true,"#
                + #""webhook":{"url":"https://r.example/x"}"#
            let calls = [
                ("/api/v1/jobs", "/api/v1/jobs", #"{"operation":{"type":"ping"},"target":"_all",\#(policy)}"#, "201"),
                ("/api/v1/jobs/{id}/cancel", "/api/v1/jobs/\(open.id)/cancel", #"{"reason":"x"}"#, "202"),
                ("/api/v1/jobs/{id}/cancel", "/api/v1/jobs/\(failed.id)/cancel", nil, "409"),
                ("/api/v1/jobs/{id}/cancel", "/api/v1/jobs/\(open.id)/cancel", #"{"grace":601}"#, "400"),
                ("/api/v1/jobs/{id}/cancel", "/api/v1/jobs/nonsense/cancel", nil, "404"),
                ("/api/v1/jobs/{id}/retry", "/api/v1/jobs/\(failed.id)/retry", nil, "201"),
                ("/api/v1/jobs/{id}/retry", "/api/v1/jobs/\(open.id)/retry", nil, "409"),
                ("/api/v1/agents/{hostname}/drain", "/api/v1/agents/web-1/drain", #"{"reason":"x"}"#, "200"),
                ("/api/v1/agents/{hostname}/drain", "/api/v1/agents/web-9/drain", nil, "404"),
                ("/api/v1/agents/{hostname}/resume", "/api/v1/agents/web-2/resume", nil, "200"),
            ]
            for (path, uri, body, status) in calls {
                try check(try await client.send(.post, uri, body: body), document, "post", path, status)
            }
            let reads = [
                ("/api/v1/jobs", "/api/v1/jobs"), ("/api/v1/jobs/{id}", "/api/v1/jobs/\(open.id)"),
                ("/api/v1/jobs/{id}/timeline", "/api/v1/jobs/\(failed.id)/timeline"),
                ("/api/v1/agents", "/api/v1/agents?drained=true"),
                ("/api/v1/agents/{hostname}", "/api/v1/agents/web-1"),
            ]
            for (path, uri) in reads { try check(try await client.get(uri), document, "get", path, "200") }
            let early = try await client.send(.delete, "/api/v1/jobs/\(open.id)")
            try check(early, document, "delete", "/api/v1/jobs/{id}", "409")
            let deletion = document["paths"]?["/api/v1/jobs/{id}"]?["delete"]?["responses"]?["204"]?.object
            #expect(deletion?.keys.sorted() == ["description", "headers"], "there is no body")
        }
    }

    @Test func `bodies that may be left out are described so, and fit what is taken`() async throws {
        let fixture = try await APIFixture()
        try await fixture.serve { client in
            let paths = try await client.get("/openapi.json").json["paths"]

            for (path, members) in [
                ("/api/v1/jobs/{id}/cancel", ["grace", "reason"]), ("/api/v1/jobs/{id}/retry", ["only"]),
                ("/api/v1/agents/{hostname}/drain", ["reason"]),
            ] {
                let body = try #require(paths?[path]?["post"]?["requestBody"], "\(path)")
                #expect(body["required"] == false, "\(path)")
                let schema = body["content"]?["application/json"]?["schema"]
                #expect(schema?["properties"]?.object?.keys.sorted() == members, "\(path)")
                #expect(schema?["additionalProperties"] == false, "\(path)")
            }
            let submission = try #require(paths?["/api/v1/jobs"]?["post"]?["requestBody"])
            #expect(submission["required"] == true)
            let properties = submission["content"]?["application/json"]?["schema"]?["properties"]
            #expect(
                properties?.object?.keys.sorted()
                    == [
                        "deadline", "dry_run", "labels", "note", "on_interrupt", "operation", "parallel", "retry",
                        "target", "webhook",
                    ]
            )
            let tooMany = paths?["/api/v1/jobs"]?["post"]?["responses"]?["429"]?["description"]
            #expect(tooMany == "too_many_open_jobs, too_many_requests")
        }
    }

    private func check(
        _ answer: APIClient.Answer,
        _ document: JSONValue,
        _ method: String,
        _ path: String,
        _ status: String
    ) throws {
        #expect(answer.status == Int(status), "\(method) \(path)")
        let content = document["paths"]?[path]?[method]?["responses"]?[status]?["content"]?.object
        let type = try #require(answer.header("Content-Type"))
        let schema = try #require(content?[type]?["schema"], "\(method) \(path) \(status) \(type)")
        let faults = try JSONSchema(resolve(schema, document)).faults(in: answer.json)
        #expect(faults.isEmpty, "\(method) \(path): \(faults)")
    }

    /// The schema with references replaced by what they name, and "this or null" written as a list of types.
    private func resolve(_ schema: JSONValue, _ document: JSONValue) throws -> JSONValue {
        if let reference = schema["$ref"]?.string {
            let name = String(reference.dropFirst("#/components/schemas/".count))
            return try resolve(try #require(document["components"]?["schemas"]?[name], "\(name)"), document)
        }
        if let choices = schema["oneOf"]?.array {
            var first = try resolve(choices[0], document).object ?? [:]
            #expect(choices.count == 2 && choices[1] == ["type": "null"])
            first["type"] = [try #require(first["type"]), "null"]
            return .object(first)
        }
        switch schema {
        case .object(let members): return .object(try members.mapValues { try resolve($0, document) })
        case .array(let elements): return .array(try elements.map { try resolve($0, document) })
        case .null, .bool, .int, .double, .string: return schema
        }
    }
}
