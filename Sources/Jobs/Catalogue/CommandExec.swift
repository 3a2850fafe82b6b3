// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `command.exec`: a program with its arguments, no shell between.
    static let commandExec = CatalogueOperation(
        OperationDescriptor(
            type: CommandParameters.Form.exec.rawValue,
            kind: .modify,
            summary: "Runs a program with its arguments, without a shell.",
            schema: CommandParameters.schema(naming: "argv", as: argv),
            result: CommandParameters.result,
            dryRun: false,
            examples: [
                OperationExample("Restart a service", ["argv": ["systemctl", "restart", "nginx"], "timeout": 60])
            ]
        ),
        runLimit: CommandParameters.runLimit,
        rules: CommandParameters.faults
    )

    private static let argv: JSONValue = [
        "description": "The program, a path or a name to look up in PATH, and its arguments.",
        "type": "array",
        "items": ["type": "string", "maxLength": .int(Int64(CommandParameters.maximumArgumentBytes))],
        "minItems": 1,
        "maxItems": 1024,
        "examples": [["systemctl", "restart", "nginx"]],
    ]
}
