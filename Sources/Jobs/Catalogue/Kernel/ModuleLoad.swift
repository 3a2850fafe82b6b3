// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `module.load`: a module of the kernel.
    static let moduleLoad = CatalogueOperation(
        "module.load",
        .modify,
        "Loads a module into the kernel, at once and when the host starts.",
        parameters: .parameters(
            [
                "name": .text("The module, or an alias of one: letters, digits, '_' and '-'.", .word, maximum: 64),
                "persistent": .flag("Whether it is loaded when the host starts as well.", default: true),
            ],
            required: ["name"]
        ),
        result: .record(["name": ["type": "string"], "loaded": ["type": "boolean"]]),
        examples: [OperationExample("Have hosts bridge with filters", ["name": "br_netfilter"])],
        rules: { data, pointer in
            let name = data["name"]?.string ?? ""
            guard !name.utf8.allSatisfy({ $0.isASCIIAlphanumeric || "_-".utf8.contains($0) }) else { return [] }
            return [Fault(pointer: "\(pointer)/name", detail: "must be letters, digits, '_' and '-'")]
        }
    )
}
