// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Logging

/// The file `endpoints.json` in the state directory: the ports that the controller listens on, once it serves both.
///
/// With port 0 in the settings the system chooses, and this is how scripts learn what it chose.
actor EndpointsFile {
    private let path: String
    private let logger: Logger
    private var http: Int?
    private var agents: Int?

    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
        try? FileManager.default.removeItem(atPath: path)
    }

    /// What is wrong with the address for agents; nil once it is listened on.
    var agentsProblem: String? { agents == nil ? "not listened on yet" : nil }

    /// The ports, once both are listened on.
    var ports: (http: Int, agents: Int)? { http.flatMap { http in agents.map { (http, $0) } } }

    func httpIsBound(to port: Int?) {
        http = port
        write()
    }

    func agentsAreBound(to port: Int?) {
        agents = port
        write()
    }

    private func write() {
        guard let http, let agents else { return }
        let content: JSONValue = ["http_port": .int(Int64(http)), "agents_port": .int(Int64(agents))]
        do {
            try Data(try JSON.encode(content)).write(to: URL(filePath: path), options: .atomic)
            logger.notice("ready", metadata: ["http.port": "\(http)", "agents.port": "\(agents)"])
        } catch {
            logger.error("endpoints.json could not be written", metadata: ["path": "\(path)"])
        }
    }
}
