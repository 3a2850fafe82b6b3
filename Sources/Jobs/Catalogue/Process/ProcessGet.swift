// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `process.get`: one process.
    static let processGet = CatalogueOperation(
        "process.get",
        .read,
        "Tells of one process, with its program, its directory and how many files it has open.",
        parameters: .parameters(["pid": .integer("The process.", 1...4_194_304)], required: ["pid"]),
        result: .record([
            "process": .processRecord, "executable": ["type": ["string", "null"]],
            "directory": ["type": ["string", "null"]], "open_files": ["type": ["integer", "null"]],
        ]),
        examples: [OperationExample("Look at the first process", ["pid": 1])]
    )
}
