// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// The signals that can be sent.
    package static let signals = [
        "TERM", "KILL", "HUP", "INT", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH",
    ]

    /// `process.signal`: a signal to processes.
    static let processSignal = CatalogueOperation(
        "process.signal",
        .modify,
        "Sends a signal to a process, or to all of a name; never to process 1 or to the agent. None there is no failure.",
        parameters: .parameters([
            "pid": .integer("The process.", 2...4_194_304),
            "start_ticks": .integer(
                "When it was started, as process.list has it: another process that has got its number is left alone.",
                0...Int64.max
            ),
            "name": .text("All processes of this name, as ps -C takes it.", .line, maximum: 255),
            "user": .text("Of those only the ones of this user, by name or by number.", .word, maximum: 64),
            "signal": .choice("The signal.", signals, default: "TERM"),
            "wait": .integer("How many seconds to wait for their end; 0 for not at all.", 0...3600, default: 0),
        ]),
        result: .record(["signal": ["type": "string"], "pids": ["type": "array", "items": ["type": "integer"]]]),
        limit: .seconds(3660),
        examples: [
            OperationExample(
                "End all of a name, and wait for it",
                ["name": "stale-worker", "user": "www-data", "wait": 10]
            ),
            OperationExample(
                "Have a process read its settings again",
                ["pid": 812, "start_ticks": 10_453, "signal": "HUP"]
            ),
        ],
        rules: { data, pointer in
            var faults: [Fault] = []
            if (data["pid"] == nil) == (data["name"] == nil) {
                faults.append(Fault(pointer: pointer, detail: "needs one of pid and name"))
            }
            if data["start_ticks"] != nil, data["pid"] == nil {
                faults.append(Fault(pointer: "\(pointer)/start_ticks", detail: "goes with pid only"))
            }
            if data["user"] != nil, data["name"] == nil {
                faults.append(Fault(pointer: "\(pointer)/user", detail: "goes with name only"))
            }
            return faults
        }
    )
}
