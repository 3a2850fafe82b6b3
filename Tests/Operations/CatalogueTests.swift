// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Operations

/// What every operation of the catalogue has.
struct CatalogueTests {
    @Test func `agents have exactly the operations of the catalogue`() {
        #expect(OperationSet.builtIn.types == OperationCatalogue.builtIn.descriptors.map(\.type))
    }

    @Test func `each operation can do dry runs if the catalogue says so`() {
        // Commands and scripts can say at most that they would not be run at all.
        let commands = CommandParameters.Form.allCases.map(\.rawValue)
        for descriptor in OperationCatalogue.builtIn.descriptors where !commands.contains(descriptor.type) {
            #expect(OperationSet.builtIn.canDryRun(descriptor.type) == descriptor.dryRun, "\(descriptor.type)")
        }
    }

    @Test func `each operation has examples, and they fit its schema`() {
        for descriptor in OperationCatalogue.builtIn.descriptors {
            #expect(!descriptor.examples.isEmpty, "\(descriptor.type)")
            for example in descriptor.examples {
                let faults = OperationCatalogue.builtIn.faults(
                    in: OperationRequest(type: descriptor.type, data: example.data)
                )
                #expect(faults.isEmpty, "\(descriptor.type), \(example.title): \(faults)")
            }
        }
    }

    @Test func `each parameter and each result is described`() throws {
        for descriptor in OperationCatalogue.builtIn.descriptors {
            for (name, schema) in descriptor.schema["properties"]?.object ?? [:] {
                #expect(schema["description"]?.string?.isEmpty == false, "\(descriptor.type) \(name)")
            }
            _ = try JSONSchema(descriptor.result)
        }
    }
}
