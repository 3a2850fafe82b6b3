// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.reload`: a unit that is to read its settings again.
    static let serviceReload = CatalogueOperation(
        "service.reload",
        .modify,
        "Has a unit read its settings again without an interruption, each time that it is run.",
        parameters: .parameters(
            [
                "unit": ServiceParameters.unit,
                "only_if_active": .flag("Whether a unit that does not run is left alone.", default: false),
                "or_restart": .flag("Whether a unit that cannot be reloaded is restarted.", default: false),
                "timeout": ServiceParameters.timeout,
            ],
            required: ["unit"]
        ),
        result: ServiceParameters.result,
        limit: ServiceParameters.limit,
        examples: [OperationExample("Reload the message bus", ["unit": "dbus"])]
    )
}
