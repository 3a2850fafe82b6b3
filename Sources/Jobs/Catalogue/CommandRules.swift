// SPDX-License-Identifier: Apache-2.0

// What the operations that run commands ask of their parameters: a schema, and the rules that a schema cannot say.

extension CommandParameters {
    static let maximumTimeoutSeconds = 86_400.0
    static let maximumVariables = 1024

    /// The schema of what a command tells.
    static let result: JSONValue = .record(
        [
            "exit_code": ["type": ["integer", "null"]], "signal": ["type": ["integer", "null"]],
            "duration_ms": ["type": "integer"], "stdout": ["type": "string"], "stderr": ["type": "string"],
            "skipped_because": ["type": "string"],
        ],
        optional: ["exit_code", "signal", "duration_ms", "stdout", "stderr", "skipped_because"]
    )

    /// The schema of an operation that runs a command: what to run, under its own name, and everything that all have.
    static func schema(
        naming name: String,
        as program: JSONValue,
        adding more: [String: JSONValue] = [:]
    ) -> JSONValue {
        var properties = sharedProperties.merging(more) { $1 }
        properties[name] = program
        return [
            "$schema": .string(JSONValue.schemaDialect),
            "type": "object",
            "properties": .object(properties),
            "required": [.string(name)],
            "additionalProperties": false,
        ]
    }

    private static let sharedProperties: [String: JSONValue] = [
        "cwd": .path("The directory to run in, an absolute path."),
        "env": [
            "description": "Variables to set, on top of a small base environment.",
            "type": "object",
            "additionalProperties": ["type": "string"],
        ],
        "secret_env": [
            "description": "Variables whose values are secrets: sealed to the hosts of the job, and shown to nobody.",
            "type": "object",
            "additionalProperties": ["type": "string", "secret": true, "writeOnly": true],
        ],
        "stdin": [
            "description": "What the program reads from its standard input; nothing if left out.",
            "type": "string",
            "maxLength": .int(Int64(maximumInputBytes)),
        ],
        "timeout": [
            "description": "How long it may run, in seconds; then it is ended with all its processes.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": .int(Int64(maximumTimeoutSeconds)),
            "default": .int(defaultTimeout.components.seconds),
            "references": false,
        ],
        "ok_exit_codes": [
            "description": "The exit codes that mean success.",
            "type": "array",
            "items": ["type": "integer", "minimum": 0, "maximum": 255],
            "minItems": 1,
            "maxItems": 256,
            "default": [0],
        ],
        "creates": .path("If this absolute path exists, nothing is run."),
        "removes": .path("If this absolute path does not exist, nothing is run."),
        "output_limit": [
            "description": "How many bytes are kept of each of stdout and stderr.",
            "type": "integer",
            "minimum": 0,
            "maximum": .int(Int64(maximumOutputLimit)),
            "default": .int(Int64(defaultOutputLimit)),
        ],
    ]

    /// The faults that a schema cannot find: what the kernel would refuse, or take for something else.
    static func faults(in data: JSONValue, at pointer: String) -> [Fault] {
        var faults = programFaults(data, at: pointer)
        for name in ["env", "secret_env"] {
            if let variables = data[name]?.object { faults += variableFaults(variables, at: "\(pointer)/\(name)") }
        }
        if let input = data["stdin"]?.string, input.utf8.count > maximumInputBytes {
            faults.append(Fault(pointer: "\(pointer)/stdin", detail: "must have at most \(maximumInputBytes) bytes"))
        }
        return faults
    }

    private static func programFaults(_ data: JSONValue, at pointer: String) -> [Fault] {
        if let command = data["command"]?.string {
            return textFaults(command, limit: maximumArgumentBytes, at: "\(pointer)/command")
        }
        if data["body"] != nil { return scriptFaults(data, at: pointer) }
        let argv = data["argv"]?.array?.compactMap(\.string) ?? []
        var faults: [Fault] = []
        if argv.first?.isEmpty == true {
            faults.append(Fault(pointer: "\(pointer)/argv/0", detail: "must name a program"))
        }
        for (index, argument) in argv.enumerated() {
            faults += textFaults(argument, limit: maximumArgumentBytes, at: "\(pointer)/argv/\(index)")
        }
        return faults
    }

    private static func scriptFaults(_ data: JSONValue, at pointer: String) -> [Fault] {
        var faults = textFaults(data["body"]?.string ?? "", limit: maximumInputBytes, at: "\(pointer)/body")
        faults += textFaults(data["interpreter"]?.string ?? "", limit: 4095, at: "\(pointer)/interpreter")
        for (index, argument) in (data["arguments"]?.array ?? []).enumerated() {
            let text = argument.string ?? ""
            faults += textFaults(text, limit: maximumArgumentBytes, at: "\(pointer)/arguments/\(index)")
        }
        return faults
    }

    private static func variableFaults(_ variables: [String: JSONValue], at pointer: String) -> [Fault] {
        guard variables.count <= maximumVariables else {
            return [Fault(pointer: pointer, detail: "must have at most \(maximumVariables) variables")]
        }
        return variables.sorted { $0.key < $1.key }.flatMap { name, value in
            let place = "\(pointer)/\(escapedForJSONPointer(name))"
            if name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
                return [Fault(pointer: place, detail: "the name of a variable is not empty and has no '='")]
            }
            return textFaults("\(name)=\(value.string ?? "")", limit: maximumArgumentBytes, at: place)
        }
    }

    /// The faults of a text on its way to the kernel, where a NUL would cut it short.
    private static func textFaults(_ text: String, limit: Int, at pointer: String) -> [Fault] {
        if text.utf8.contains(0) { return [Fault(pointer: pointer, detail: "must not contain a NUL character")] }
        if text.utf8.count > limit { return [Fault(pointer: pointer, detail: "must have at most \(limit) bytes")] }
        return []
    }
}
