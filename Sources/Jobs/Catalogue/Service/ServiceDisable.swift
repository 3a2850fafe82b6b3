// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.disable`: a unit that is not to be started with the host.
    static let serviceDisable = CatalogueOperation(
        "service.disable",
        .modify,
        "Disables a unit, so that it is not started with the host, and masks it where that is wanted.",
        parameters: .parameters(
            [
                "unit": ServiceParameters.unit,
                "now": .flag("Whether the unit is stopped as well. Then systemd has to run.", default: false),
                "mask": .flag("Whether nothing can start the unit any more, by masking it.", default: false),
                "timeout": ServiceParameters.timeout,
            ],
            required: ["unit"]
        ),
        result: ServiceParameters.enablement,
        limit: ServiceParameters.limit,
        examples: [OperationExample("Disable and stop a service", ["unit": "cron", "now": true])]
    )
}
