// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Agents to select from.
enum TargetFleet {
    static func agent(
        _ hostname: String,
        id: String? = nil,
        connected: Bool = true,
        labels: [String: String] = [:],
        facts: [String: JSONValue] = [:]
    ) -> Agent {
        let time = Timestamp(milliseconds: 0)
        return Agent(
            id: AgentID(id ?? "id-\(hostname)"),
            hostname: hostname,
            connected: connected,
            labels: labels,
            facts: facts,
            version: "1",
            firstSeenAt: time,
            lastSeenAt: time
        )
    }

    /// A small fleet in which every rule of the language has something to select and something to leave.
    static let small: [Agent] = [
        agent(
            "web-1",
            labels: ["env": "prod", "group": "web.dev", "rack": "7"],
            facts: [
                "cpus": 8, "os": ["name": "Debian GNU/Linux", "id": "debian"], "memory": ["total": 8_589_934_592],
                "addresses": ["10.0.0.1", "192.0.2.1"], "virtual": true, "release": "6.1.0-18-amd64",
                "disks": [["mount": "/", "size": 100], ["mount": "/srv", "size": 5000]],
            ]
        ),
        agent(
            "web-2",
            connected: false,
            labels: ["env": "staging", "group": "web"],
            facts: ["cpus": 2, "os": ["id": "ubuntu"], "memory": ["total": 1_073_741_824], "addresses": ["10.0.0.2"]]
        ),
        agent("Web-10", labels: ["env": "prod", "group": "webby"], facts: ["cpus": 4.0, "env": "shadow"]),
        agent("db-1", labels: ["env": "prod", "group": "db.main.eu", "cpus": "16"], facts: ["cpus": 1, "load": nil]),
        agent("db-2", labels: ["note": "a*b = (c)", "text": "it's"], facts: ["cpus": "many", "env": "staging"]),
    ]
}
