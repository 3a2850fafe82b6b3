// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `cron.absent`: something that cron is not to run any more.
    static let cronAbsent = CatalogueOperation(
        "cron.absent",
        .modify,
        "Removes a file from /etc/cron.d.",
        parameters: .parameters(["name": CronParameters.name], required: ["name"]),
        result: .record(["path": .text("The file.")]),
        examples: [OperationExample("Have it run no more", ["name": "clean-up"])],
        rules: CronParameters.faultsOfName
    )
}
