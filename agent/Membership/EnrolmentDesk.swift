// SPDX-License-Identifier: Apache-2.0

import ControllerReach
import Jobs
import NIOHTTP1

/// The calls of the controller's HTTP API that a host makes before it is an agent; none of them needs a key.
struct EnrolmentDesk: Sendable {
    private let base: BaseURL
    private let trust: ControllerTrust

    /// Makes a value; nothing is sent yet.
    ///
    /// - Throws: `BrokerClientError` for a URL that is none.
    init(url: String, trusting trust: ControllerTrust) throws {
        base = try BaseURL(url)
        self.trust = trust
    }

    /// The authorities of the controller's and the agents' certificates: PEM.
    func authorities() async throws -> String {
        let answer = try await call(.GET, "authorities")
        return try BrokerClientError.decode([String: String].self, from: answer, of: base)["authorities"] ?? ""
    }

    /// Asks for this host to be an agent, or how its request stands.
    func enrol(_ request: EnrolmentRequest) async throws -> EnrolmentAnswer {
        let answer = try await call(.POST, "enrolments", body: try JSON.encode(request))
        return try BrokerClientError.decode(EnrolmentAnswer.self, from: answer, of: base)
    }

    private func call(_ method: HTTPMethod, _ path: String, body: [UInt8]? = nil) async throws -> [UInt8] {
        try await HTTPCall(method, ["api", "v1", path], body: body, of: base, trusting: trust).answer()
    }
}
