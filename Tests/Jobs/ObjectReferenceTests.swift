// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Jobs

/// The names of objects, in parameters and by themselves.
struct ObjectReferenceTests {
    private static let sha256 = String(repeating: "0f", count: 32)

    private static let operation = CatalogueOperation(
        "test.objects",
        .read,
        "Takes objects.",
        parameters: .parameters([
            "one": .storedObject("An object."),
            "many": .list("Objects.", of: .storedObject("An object.")),
        ]),
        result: .record([:]),
        examples: []
    )

    private let catalogue = OperationCatalogue([operation])

    @Test(arguments: ["a", "a.tar.gz", "hosts/web-1.example.org/etc_motd", "v1+2@x=y", ".hidden", "..."])
    func `names are names`(name: String) {
        #expect(ObjectName.fault(in: name) == nil)
    }

    @Test(arguments: ["", "/a", "a/", "a//b", "..", "a/../b", ".", "-a", "a/-b", "a b", "ä", "a\n", "{{fact.x}}"])
    func `what could be a path elsewhere, or an option, is no name`(name: String) {
        #expect(ObjectName.fault(in: name) != nil)
    }

    @Test func `a name has its limit`() {
        #expect(ObjectName.fault(in: String(repeating: "a", count: 255)) == nil)
        #expect(ObjectName.fault(in: String(repeating: "a", count: 256)) != nil)
    }

    @Test func `a schema takes the name and what it stands for, and nothing else`() {
        let resolved = ObjectReference(name: "a", sha256: Self.sha256, size: 3).json
        for data in [["one": "a"], ["one": resolved], ["many": ["a", resolved]]] as [JSONValue] {
            let request = OperationRequest(type: "test.objects", data: data)
            #expect(catalogue.faults(in: request).isEmpty)
        }
        for data in [
            ["one": "-a"], ["one": 1], ["one": "{{fact.x}}"], ["one": ["name": "a"]],
            ["one": ["name": "a", "sha256": "x", "size": 1]],
            ["one": ["name": "a", "sha256": .string(Self.sha256), "size": -1]],
        ] as [JSONValue] {
            let request = OperationRequest(type: "test.objects", data: data)
            #expect(catalogue.faults(in: request).map(\.pointer) == ["/data/one"], "\(data)")
        }
    }

    @Test func `names are found and replaced wherever the schema has them`() {
        let request = OperationRequest(type: "test.objects", data: ["one": "a", "many": ["b", "c"]])
        let resolved = catalogue.mapObjects(in: request) { reference, _ in
            ObjectReference(name: reference.name, sha256: Self.sha256, size: 1)
        }

        #expect(Set(catalogue.objects(in: request).map(\.name)) == ["a", "b", "c"])
        #expect(catalogue.objects(in: resolved).allSatisfy { $0.sha256 == Self.sha256 })
        #expect(resolved.data["many"]?.array?.first?["name"] == "b")
    }
}
