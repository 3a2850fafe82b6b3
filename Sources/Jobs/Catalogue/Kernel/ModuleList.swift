// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `module.list`: the modules of the kernel.
    static let moduleList = CatalogueOperation(
        "module.list",
        .read,
        "Lists the modules that the kernel has loaded; those built into it are not among them.",
        parameters: .parameters(["name": .text("Only this module.", .word, maximum: 64)]),
        result: .record([
            "modules": [
                "type": "array",
                "items": .record([
                    "name": ["type": "string"], "size": ["type": "integer"], "used_by": ["type": "array"],
                    "references": ["type": "integer"], "state": ["type": "string"],
                ]),
            ]
        ]),
        examples: [OperationExample("Ask which hosts have a module", ["name": "nf_conntrack"])]
    )
}
