// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.absent`: nothing at a path.
    static let fileAbsent = CatalogueOperation(
        "file.absent",
        .modify,
        "Takes away a file, a link, or a directory; never '/' nor the directories of the system.",
        parameters: .parameters(
            [
                "path": .path("What is to be gone; of a link, the link."),
                "recursive": .flag("Whether a directory is taken away with all that is in it.", default: false),
                "backup": .flag(
                    "Whether it is kept beside, with the time and '~' after its name, instead of being taken away.",
                    default: false
                ),
            ],
            required: ["path"]
        ),
        result: FileParameters.result(
            [
                "path": ["description": "The path.", "type": "string"],
                "backup": FileParameters.backupResult,
                "removed": ["description": "How many files and directories are taken away.", "type": "integer"],
            ],
            optional: ["backup", "removed"]
        ),
        limit: .seconds(600),
        examples: [
            OperationExample("Take away a file", ["path": "/etc/cron.d/old-job"]),
            OperationExample("Take away a directory", ["path": "/var/cache/app", "recursive": true]),
        ],
        rules: { data, pointer in FileParameters.faults(in: data, at: pointer) }
    )
}
