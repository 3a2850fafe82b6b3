// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `cron.ensure`: something that cron is to run.
    static let cronEnsure = CatalogueOperation(
        "cron.ensure",
        .modify,
        "Has cron run a command, by a file of its own in /etc/cron.d.",
        parameters: .parameters(
            [
                "name": CronParameters.name,
                "schedule": .text(
                    "When: minute, hour, day of month, month and day of week ('*/15 6-22 * * mon-fri'), or a word such as @daily.",
                    .line,
                    maximum: 255
                ),
                "command": .text("A line for the shell. '%' is a percent sign, as in the shell.", .line, maximum: 900),
                "user": .text("As whom it runs.", .userName, maximum: 32, default: "root"),
                "env": .texts("Variables that the command finds, such as PATH and MAILTO."),
            ],
            required: ["name", "schedule", "command"]
        ),
        result: .record(["path": .text("The file.")]),
        examples: [
            OperationExample(
                "Clean up every night",
                ["name": "clean-up", "schedule": "15 3 * * *", "command": "find /var/tmp -mtime +30 -delete"]
            ),
            OperationExample(
                "Report on working days",
                [
                    "name": "report", "schedule": "0 8 * * mon-fri", "user": "nobody",
                    "command": "date +%F >/dev/null", "env": ["MAILTO": "ops@example.org"],
                ]
            ),
        ],
        rules: CronParameters.faultsOfEntry
    )
}
