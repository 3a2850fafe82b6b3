// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Jobs

struct ReferenceTests {
    private static let values = Reference.Values(
        facts: ["hostname": "web-1", "cpus": 4, "os": ["id": "debian"], "disks": [["mount": "/"]]],
        labels: ["site": "berlin", "tier.name": "front"]
    )

    private static let replacements: [(JSONValue, JSONValue)] = [
        ("@fact.hostname", "web-1"), ("@fact.cpus", 4), ("@fact.os.id", "debian"), ("@label.site", "berlin"),
        ("@label.tier.name", "front"), ("@fact.disks.0.mount", "/"),
        ("{{fact.hostname}}.{{ label.site }}", "web-1.berlin"), ("n={{fact.cpus}}", "n=4"),
        ("@@fact.cpus", "@fact.cpus"), ("{{{{fact.cpus}}", "{{fact.cpus}}"), ("{{ user }}", "{{ user }}"),
        ("@example.org", "@example.org"), ("a@fact.cpus", "a@fact.cpus"), ("{{", "{{"), ("{{fact.}}", "{{fact.}}"),
    ]

    private func replaced(_ value: JSONValue, _ schema: JSONValue = true) throws -> JSONValue {
        try Reference.replace(in: value, JSONSchema(schema)) { Self.values }
    }

    @Test(arguments: replacements)
    func `references are replaced and other texts are left alone`(_ text: JSONValue, _ expected: JSONValue) throws {
        #expect(try replaced(["list": [text]]) == ["list": [expected]])
    }

    @Test func `a fact or label that the host does not have is told with its place`() throws {
        let failure = try #require(throws: Reference.Failure.self) { try replaced(["a": ["@fact.nothing"]]) }
        #expect(failure == Reference.Failure(pointer: "/a/0", detail: "this host has no fact 'nothing'"))
        let label = try #require(throws: Reference.Failure.self) { try replaced(["a": "x{{label.no}}"]) }
        #expect(label.detail == "this host has no label 'no'")
    }

    @Test func `secrets and literal texts are taken as they are`() throws {
        let schema: JSONValue = [
            "properties": ["secret": ["secret": true], "body": ["references": false]],
            "additionalProperties": ["type": "string"],
        ]
        let value: JSONValue = ["secret": "@fact.cpus", "body": "{{fact.cpus}}", "other": "{{fact.cpus}}"]
        #expect(try replaced(value, schema) == ["secret": "@fact.cpus", "body": "{{fact.cpus}}", "other": "4"])
    }

    @Test func `a reference fits in the place of any value where it is to be replaced later`() throws {
        let schema = try JSONSchema([
            "properties": ["n": ["type": "integer"], "b": ["type": "integer", "references": false]]
        ])
        #expect(schema.faults(in: ["n": "@fact.cpus"], allowing: true).isEmpty)
        #expect(schema.faults(in: ["n": "@fact.cpus"]).map(\.pointer) == ["/n"])
        #expect(schema.faults(in: ["b": "@fact.cpus"], allowing: true).map(\.pointer) == ["/b"])
    }
}
