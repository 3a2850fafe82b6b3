// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.exec`: a program in a container.
    static let containerExec = CatalogueOperation(
        "container.exec",
        .modify,
        "Runs a program in a container that runs, and tells what it wrote and how it ended.",
        parameters: .parameters(
            [
                "container": .containerName,
                "argv": .words("The program and its arguments.", of: "A word.", 1...1024),
                "env": .texts("Variables on top of those of the container."),
                "user": .text("As which user; as that of the container if this is left out.", .word, maximum: 255),
                "cwd": .path("The directory to run in."),
                "timeout": .seconds(
                    "How long it may run; then the run ends, and the engine goes on with it.",
                    atMost: 86_400,
                    default: 300
                ),
                "output_limit": .integer(
                    "How many bytes are kept of each of stdout and stderr.",
                    0...1_048_576,
                    default: 65_536
                ),
                "socket": .engineSocket,
            ],
            required: ["container", "argv"]
        ),
        result: CommandParameters.result,
        dryRun: false,
        examples: [
            OperationExample(
                "Have a server in a container check its settings",
                ["container": "web", "argv": ["nginx", "-t"]]
            )
        ],
        rules: containerFaults
    )
}
