// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.stop`: a unit that is not to run.
    static let serviceStop = CatalogueOperation(
        "service.stop",
        .modify,
        "Stops a unit that runs.",
        parameters: .parameters(
            ["unit": ServiceParameters.unit, "timeout": ServiceParameters.timeout],
            required: ["unit"]
        ),
        result: ServiceParameters.result,
        limit: ServiceParameters.limit,
        examples: [OperationExample("Stop a service", ["unit": "cron"])]
    )
}
