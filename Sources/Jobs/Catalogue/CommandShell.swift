// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `command.shell`: a line for `/bin/sh -c`.
    static let commandShell = CatalogueOperation(
        OperationDescriptor(
            type: CommandParameters.Form.shell.rawValue,
            kind: .modify,
            summary: "Runs a line or a script with /bin/sh -c.",
            schema: CommandParameters.schema(naming: "command", as: command),
            result: CommandParameters.result,
            dryRun: false,
            examples: [OperationExample("Count the lines of a file", ["command": "wc -l < /etc/passwd"])]
        ),
        runLimit: CommandParameters.runLimit,
        rules: CommandParameters.faults
    )

    private static let command: JSONValue = [
        "description": "What /bin/sh shall run.",
        "type": "string",
        "minLength": 1,
        "maxLength": .int(Int64(CommandParameters.maximumArgumentBytes)),
        "examples": ["df -h | grep /srv"],
    ]
}
