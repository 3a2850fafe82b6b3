// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.reboot`: starts the host again.
    static let hostReboot = CatalogueOperation(
        "host.reboot",
        .modify,
        "Has the host start again after a delay; the run ends before that. Cancelled on the host by shutdown -c.",
        parameters: .parameters(powerParameters),
        result: powerResult,
        examples: [OperationExample("Start hosts again in five minutes", ["delay": 300, "message": "kernel update"])]
    )

    /// The parameters of operations after which the host is away.
    static let powerParameters: [String: JSONValue] = [
        "delay": .integer(
            "In how many seconds; long enough for the run to be reported before.",
            5...604_800,
            default: 60
        ),
        "message": .text("What those who are logged in are told.", .line, maximum: 200),
    ]

    /// The schema of what such an operation tells.
    static let powerResult: JSONValue = .record(
        ["at": ["type": "string"], "delay": ["type": "integer"], "action": ["type": "string"]],
        optional: ["at"]
    )
}
