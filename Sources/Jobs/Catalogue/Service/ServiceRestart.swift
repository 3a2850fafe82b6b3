// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.restart`: a unit that is to begin anew.
    static let serviceRestart = CatalogueOperation(
        "service.restart",
        .modify,
        "Restarts a unit, each time that it is run; starts one that does not run.",
        parameters: .parameters(
            [
                "unit": ServiceParameters.unit,
                "only_if_active": .flag("Whether a unit that does not run is left alone.", default: false),
                "timeout": ServiceParameters.timeout,
            ],
            required: ["unit"]
        ),
        result: ServiceParameters.result,
        limit: ServiceParameters.limit,
        examples: [OperationExample("Restart a service where it runs", ["unit": "cron", "only_if_active": true])]
    )
}
