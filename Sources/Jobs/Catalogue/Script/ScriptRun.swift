// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `script.run`: a script for an interpreter.
    static let scriptRun = CatalogueOperation(
        OperationDescriptor(
            type: CommandParameters.Form.script.rawValue,
            kind: .modify,
            summary: "Runs a script with an interpreter.",
            schema: CommandParameters.schema(naming: "body", as: body, adding: more),
            result: CommandParameters.result,
            dryRun: false,
            examples: [
                OperationExample(
                    "A script of the shell with an argument",
                    ["body": "set -eu\ndf -h \"$1\"\n", "arguments": ["/"], "timeout": 60]
                ),
                OperationExample(
                    "Python, unless a file says that it is done",
                    [
                        "body": "import os\nopen('/var/tmp/prepared', 'w').write(os.environ['MODE'])\n",
                        "interpreter": "python3", "env": ["MODE": "full"], "creates": "/var/tmp/prepared",
                    ]
                ),
            ]
        ),
        runLimit: CommandParameters.runLimit,
        rules: CommandParameters.faults
    )

    private static let body: JSONValue = [
        "description": "The script. It is in a file that only the agent's user can read while it runs.",
        "type": "string",
        "minLength": 1,
        "maxLength": .int(Int64(CommandParameters.maximumInputBytes)),
        "references": false,
    ]

    private static let more: [String: JSONValue] = [
        "interpreter": [
            "description": "The program that runs it, a path or a name to look up in PATH.",
            "type": "string",
            "minLength": 1,
            "maxLength": 4095,
            "default": .string(CommandParameters.defaultInterpreter),
        ],
        "arguments": [
            "description": "The arguments of the script.",
            "type": "array",
            "items": ["type": "string", "maxLength": .int(Int64(CommandParameters.maximumArgumentBytes))],
            "maxItems": 1024,
        ],
    ]
}
