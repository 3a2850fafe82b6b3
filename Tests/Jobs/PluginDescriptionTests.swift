// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

/// How plug-ins describe themselves.
struct PluginDescriptionTests {
    private func plugin(_ schema: JSONValue, limit: Int64 = 60_000) throws -> OperationDescriptor {
        try OperationDescriptor(
            plugin: [
                "type": "acme.x", "kind": "read", "summary": "s", "schema": schema, "limit_ms": .int(limit),
            ]
        )
    }

    private func limit(_ schema: JSONValue, _ data: JSONValue) throws -> Duration {
        OperationCatalogue.builtIn.adding(plugins: [try plugin(schema)])
            .runLimit(for: OperationRequest(type: "acme.x", data: data))
    }

    @Test func `a run takes as long as its timeout says, the default of that, or the limit of the plug-in`() throws {
        let plain: JSONValue = ["type": "object", "properties": ["timeout": ["type": "number"]]]
        let withDefault: JSONValue = ["type": "object", "properties": ["timeout": ["type": "number", "default": 900]]]

        #expect(try limit(plain, [:]) == .seconds(60))
        #expect(try limit(plain, ["timeout": 7]) == .seconds(7))
        // The agent fills the default in before it looks for a timeout.
        #expect(try limit(withDefault, [:]) == .seconds(900))
        #expect(try limit(withDefault, ["timeout": 7]) == .seconds(7))
        // What an agent has in the place of a reference is not known beforehand.
        #expect(try limit(plain, ["timeout": "@label.patience"]) == .seconds(86_400))
    }

    @Test func `what a plug-in is told as is read as the same, and has a bound`() throws {
        for schema: JSONValue in [
            ["type": "object"], ["type": "object", "properties": ["timeout": ["type": "number", "default": 0.25]]],
        ] {
            let descriptor = try plugin(schema)
            let told = try JSON.decode(JSONValue.self, from: try JSON.encode(descriptor))
            #expect(try OperationDescriptor(plugin: told) == descriptor)
        }
        #expect(throws: Fault.self) {
            _ = try plugin(["type": "object", "description": .string(String(repeating: "é", count: 8192))])
        }
    }
}
