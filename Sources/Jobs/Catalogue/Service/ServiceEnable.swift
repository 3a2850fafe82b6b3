// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.enable`: a unit that is to be started with the host.
    static let serviceEnable = CatalogueOperation(
        "service.enable",
        .modify,
        "Enables a unit, so that it is started with the host; works where systemd does not run, as in an image.",
        parameters: .parameters(
            [
                "unit": ServiceParameters.unit,
                "now": .flag("Whether the unit is started as well. Then systemd has to run.", default: false),
                "unmask": .flag("Whether a unit that is masked is unmasked first.", default: false),
                "timeout": ServiceParameters.timeout,
            ],
            required: ["unit"]
        ),
        result: ServiceParameters.enablement,
        limit: ServiceParameters.limit,
        examples: [OperationExample("Enable and start a service", ["unit": "cron", "now": true])]
    )
}
