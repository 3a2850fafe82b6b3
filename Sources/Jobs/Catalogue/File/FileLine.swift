// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.line`: a line that a text file has, or has not.
    static let fileLine = CatalogueOperation(
        "file.line",
        .modify,
        "Sees to it that a text file has a line, or has it not.",
        parameters: .parameters(
            FileParameters.editing.merging([
                "line": .text("The line, without its end.", .line, maximum: 65_536),
                "match": FileParameters.pattern(
                    "The last line in which this is found becomes `line`; with `state` absent, all such lines go."
                ),
            ]) { $1 },
            required: ["path"]
        ),
        result: FileParameters.editingResult,
        examples: [
            OperationExample(
                "Set an option in a file",
                [
                    "path": "/etc/broker-example.conf", "line": "Port 2222", "match": "^#?Port ", "create": true,
                    "backup": true,
                ]
            ),
            OperationExample(
                "Take lines away",
                ["path": "/etc/hosts", "match": #"\sold-server$"#, "state": "absent"]
            ),
        ],
        rules: { data, pointer in
            lineFaults(data, at: pointer) + FileParameters.editingFaults(in: data, at: pointer)
        }
    )

    private static func lineFaults(_ data: JSONValue, at pointer: String) -> [Fault] {
        let hasLine = data["line"] != nil
        if data["state"] == "absent" {
            guard !hasLine, data["match"] == nil else { return [] }
            return [Fault(pointer: pointer, detail: "needs line, match or both")]
        }
        return hasLine ? [] : [Fault(pointer: "\(pointer)/line", detail: "line is missing")]
    }
}
