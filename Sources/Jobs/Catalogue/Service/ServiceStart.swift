// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.start`: a unit that is to run.
    static let serviceStart = CatalogueOperation(
        "service.start",
        .modify,
        "Starts a unit that does not run. One that ends by itself, a oneshot, is started each time.",
        parameters: .parameters(
            ["unit": ServiceParameters.unit, "timeout": ServiceParameters.timeout],
            required: ["unit"]
        ),
        result: ServiceParameters.result,
        limit: ServiceParameters.limit,
        examples: [OperationExample("Start a service", ["unit": "cron"])]
    )
}
