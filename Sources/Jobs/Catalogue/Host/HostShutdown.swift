// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.shutdown`: turns the host off.
    static let hostShutdown = CatalogueOperation(
        "host.shutdown",
        .modify,
        """
        Turns the host off after a delay. The run ends before that, and tells by which command the host can be kept.
        """,
        parameters: .parameters(
            powerParameters.merging(
                [
                    "mode": .choice(
                        "Whether its power is turned off as well.",
                        ["poweroff", "halt"],
                        default: "poweroff"
                    )
                ]
            ) { $1 }
        ),
        result: powerResult,
        examples: [OperationExample("Turn hosts off in a minute", ["message": "the rack is moved"])]
    )
}
