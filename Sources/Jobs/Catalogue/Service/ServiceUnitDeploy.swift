// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `service.unit.deploy`: a unit file of the host's own.
    static let serviceUnitDeploy = CatalogueOperation(
        "service.unit.deploy",
        .modify,
        "Writes a unit file to /etc/systemd/system, checked before, and has systemd read it; starts nothing.",
        parameters: .parameters(
            [
                "unit": ServiceParameters.unitFile,
                "content": [
                    "description": "The file. References are not replaced in it.", "type": "string", "minLength": 1,
                    "maxLength": 262_144, "references": false,
                ],
                "verify": .flag(
                    "Whether systemd-analyze verify has to accept it, where the host has that.",
                    default: true
                ),
            ],
            required: ["unit", "content"]
        ),
        result: .record(["unit": .text("The unit."), "path": .text("The file.")]),
        limit: ServiceParameters.limit,
        examples: [
            OperationExample(
                "Deploy a service",
                [
                    "unit": "app.service",
                    "content": """
                    [Unit]
                    Description=An application

                    [Service]
                    ExecStart=/bin/sleep infinity
                    DynamicUser=yes

                    [Install]
                    WantedBy=multi-user.target

                    """,
                ]
            )
        ],
        rules: ServiceParameters.faultsOfUnitFile
    )
}
