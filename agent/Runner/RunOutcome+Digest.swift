// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Jobs

extension RunOutcome {
    /// What keeps the digests of results apart from every other hash.
    private static let context = "broker result v1"
    /// Members of the data that differ between hosts without meaning.
    private static let meaningless: Set = [
        "duration_ms", "agent_time", "stopped_by", "boot_id", "boot_id_before", "down_ms",
    ]

    /// The outcome with what stands for its result, unless it has that already; `docs/wire-protocol.md` has the rule.
    package var digested: RunOutcome { digest == nil ? with(makeDigest()) : self }

    /// The SHA-256 of state, change, code of the error, and what the data has that means something; nil for data that cannot
    /// be written.
    private func makeDigest() -> ResultDigest? {
        var hasher = SHA256()
        let change = changed.map(String.init) ?? "null"
        for part in [Self.context, state.rawValue, change, error?.code ?? ""] {
            hasher.update(data: Array(part.utf8) + [0])
        }
        if let data {
            guard let text = try? Self.meaning(of: data).text() else { return nil }
            hasher.update(data: text)
        }
        return ResultDigest(bytes: hasher.finalize())
    }

    /// The data without what differs without meaning, and without output where its hash stands for it: that is of all that
    /// was written, the data has a part.
    private static func meaning(of data: JSONValue) -> JSONValue {
        guard case .object(let members) = data else { return data }
        var left = meaningless
        for stream in RunOutput.Stream.allCases.map(\.rawValue) where members["\(stream)_sha256"] != nil {
            left.formUnion([stream, "\(stream)_encoding", "\(stream)_truncated"])
        }
        return .object(members.filter { !left.contains($0.key) })
    }
}
