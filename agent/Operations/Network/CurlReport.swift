// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What curl tells of a request on its standard error.
struct CurlReport {
    /// Has curl write what is read here; `%{certs}` came with curl 7.88, and older ones leave it out with a warning.
    static let format = "%{stderr}\\n" + fields.map { "broker:\($0)=%{\($0)}\\n" }.joined() + "%{certs}\\n"

    private static let fields = ["http_code", "time_total", "remote_ip", "size_download"]

    let status: Int64
    private let values: [Substring: Substring]
    private let expiry: Timestamp?
    private let now: Timestamp
    /// What curl complains of; nil for nothing.
    let complaint: String?

    /// Reads what curl wrote.
    init(_ text: String, now: Timestamp) {
        let lines = text.split(whereSeparator: \.isNewline)
        var values: [Substring: Substring] = [:]
        for line in lines where line.hasPrefix("broker:") {
            guard let mark = line.firstIndex(of: "=") else { continue }
            values[line[..<mark].dropFirst("broker:".count)] = line[line.index(after: mark)...]
        }
        self.values = values
        self.now = now
        status = values["http_code"].flatMap { Int64($0) } ?? 0
        complaint = lines.first { $0.hasPrefix("curl: (") }.map { String($0.prefix(300)) }
        // The server's own certificate comes first.
        expiry = lines.first { $0.hasPrefix("Expire date:") }.flatMap { CertificateTime.read($0.dropFirst(12)) }
    }

    /// For how many whole days the server's certificate is still good; nil where there is none.
    var certificateDays: Int64? {
        expiry.map { Int64((Double(($0 - now).wholeMilliseconds) / 86_400_000).rounded(.down)) }
    }

    /// What the run tells.
    var told: JSONValue {
        var members: [String: JSONValue] = [
            "status": .int(status), "address": .string(String(values["remote_ip"] ?? "")),
            "body_bytes": .int(values["size_download"].flatMap { Int64($0) } ?? 0),
            "time_ms": .double(((values["time_total"].flatMap { Double($0) } ?? 0) * 100_000).rounded() / 100),
        ]
        members["certificate_expires_at"] = expiry.map { .string($0.description) }
        members["certificate_days"] = certificateDays.map(JSONValue.int)
        return .object(members)
    }
}

/// Times as OpenSSL writes them: `Jan  1 12:00:00 2027 GMT`.
enum CertificateTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads a time; nil for anything else.
    static func read(_ text: some StringProtocol) -> Timestamp? {
        let words = String(text).split(separator: " ").map(String.init)
        guard words.count >= 4, let month = months.firstIndex(of: words[0]) else { return nil }
        func two(_ text: String) -> String { text.count == 1 ? "0" + text : text }
        return Timestamp("\(words[3])-\(two("\(month + 1)"))-\(two(words[1]))T\(words[2])Z")
    }
}
