// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.reboot`: starts the host again.
    static let hostReboot = CatalogueOperation(
        OperationDescriptor(
            type: "host.reboot",
            kind: .modify,
            summary: """
                Has the host start again after a delay. The run ends before that and tells by which command the host can be kept, \
                or goes on until the host is back.
                """,
            schema: .parameters(powerParameters.merging(returnParameters) { $1 }),
            result: .record(
                powerMembers.merging(
                    [
                        "wait_for_return": ["type": "boolean"],
                        "boot_id_before": .told(
                            "The kernel's name for the start of the host that was to end.",
                            "string"
                        ),
                        "boot_id": .told("The same for the one that goes on.", "string"),
                        "down_ms": .told("From when the host was to go until its agent was back.", "integer"),
                    ]
                ) { $1 },
                optional: ["at", "take_back", "wait_for_return", "boot_id_before", "boot_id", "down_ms"]
            ),
            dryRun: true,
            examples: [
                OperationExample(
                    "Start hosts again in five minutes",
                    ["delay": 300, "message": "kernel update"]
                ),
                OperationExample(
                    "Start hosts again, and wait at most ten minutes until they are back",
                    ["wait_for_return": true, "timeout": 600]
                ),
            ]
        ),
        runLimit: rebootLimit,
        rules: rebootFaults
    )

    private static let returnParameters: [String: JSONValue] = [
        "wait_for_return": [
            "description": "Whether the run goes on until the host is back.", "type": "boolean", "default": false,
            // The controller has to know how long a run may take.
            "references": false,
        ],
        "timeout": [
            "description": """
            In how many seconds from the beginning of the run, the delay included, the host has to be back; a quarter of an \
            hour after the delay unless told.
            """,
            "type": "number", "exclusiveMinimum": 0, "maximum": .int(maximumDelay + 86_400), "references": false,
        ],
    ]

    /// How long a run may take: with a delay that only the host knows the longest.
    private static func rebootLimit(_ data: JSONValue) -> Duration {
        if let seconds = data["timeout"]?.number, seconds > 0 {
            return .seconds(min(seconds, Double(maximumDelay + 86_400)))
        }
        guard data["wait_for_return"] == true else { return .seconds(60) }
        let delay = data["delay"] == nil ? defaultDelay : data["delay"]?.int ?? maximumDelay
        return .seconds(min(max(delay, 0), maximumDelay) + 900)
    }

    private static func rebootFaults(_ data: JSONValue, _ pointer: String) -> [Fault] {
        guard data["wait_for_return"] == true, let seconds = data["timeout"]?.number else { return [] }
        let delay = data["delay"]?.int ?? defaultDelay
        guard seconds <= Double(delay) else { return [] }
        return [Fault(pointer: pointer + "/timeout", detail: "is over before the host goes, after \(delay) s")]
    }

    private static let defaultDelay: Int64 = 60
    private static let maximumDelay: Int64 = 604_800

    /// The parameters of operations after which the host is away.
    static let powerParameters: [String: JSONValue] = [
        "delay": .integer(
            "In how many seconds; long enough for the run to be reported before.",
            5...maximumDelay,
            default: defaultDelay
        ),
        "message": .text("What those who are logged in are told.", .line, maximum: 200),
    ]

    /// The schema of what such an operation tells.
    static let powerResult: JSONValue = .record(powerMembers, optional: ["at", "take_back"])

    private static let powerMembers: [String: JSONValue] = [
        "at": .told("When the host goes.", "string"), "delay": ["type": "integer"], "action": ["type": "string"],
        "take_back": .told("The command on the host that keeps it from going.", "string"),
    ]
}

extension JSONValue {
    /// A member of what an operation tells.
    fileprivate static func told(_ description: String, _ type: String) -> JSONValue {
        ["description": .string(description), "type": .string(type)]
    }
}
