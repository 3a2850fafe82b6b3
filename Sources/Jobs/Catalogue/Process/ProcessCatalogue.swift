// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on processes.
    static let process: [CatalogueOperation] = [.processList, .processGet, .processSignal]
}

extension JSONValue {
    /// The schema of what is told of a process.
    static let processRecord: JSONValue = .record([
        "pid": ["type": "integer"], "ppid": ["type": "integer"], "name": ["type": "string"],
        "user": ["type": "string"], "uid": ["type": "integer"], "state": ["type": "string"],
        "command": ["type": "string"], "rss": ["type": "integer"], "cpu_ms": ["type": "integer"],
        "threads": ["type": "integer"], "started_at": ["type": "string"], "start_ticks": ["type": "integer"],
    ])
}
