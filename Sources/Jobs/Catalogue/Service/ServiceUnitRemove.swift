// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.unit.remove`: a unit file of the host's own that is not to be there.
    static let serviceUnitRemove = CatalogueOperation(
        "service.unit.remove",
        .modify,
        "Stops and disables a unit and removes its file from /etc/systemd/system.",
        parameters: .parameters(["unit": ServiceParameters.unitFile], required: ["unit"]),
        result: .record(["unit": .text("The unit."), "path": .text("The file.")]),
        limit: ServiceParameters.limit,
        examples: [OperationExample("Remove a service", ["unit": "app.service"])],
        rules: ServiceParameters.faultsOfUnitFile
    )
}
