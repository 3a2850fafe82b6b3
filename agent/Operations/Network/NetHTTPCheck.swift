// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `net.http.check`: whether a server answers as it should.
///
/// It asks by the host's own curl: so what is trusted, and which proxy is used, is what the host's own programs do, and
/// the agent brings no second stack of TLS.
struct NetHTTPCheck: ReadOperation {
    let type = "net.http.check"

    struct Parameters: Decodable, Sendable {
        let url: String
        let method: String
        let headers: [String: String]?
        let status: [Int64]
        let bodyContains: String?
        let certificateDays: Int64?
        let follow: Bool
        let insecure: Bool
        let responseTimeout: Double
    }

    /// How much of a body is read.
    private static let bodyLimit = 4 * 1024 * 1024

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let answer = try await context.tool(
            ["curl", "--disable", "--config", "-"],
            input: Self.settings(parameters),
            ok: nil
        )
        let report = CurlReport(answer.errors, now: context.now())
        guard answer.exitCode == 0 || Self.isCut(answer, parameters), report.status != 0 else {
            throw Self.failure(answer, report)
        }
        let data = report.told
        guard parameters.status.contains(report.status) else {
            throw OperationError("unexpected_status", "'\(parameters.url)' answered \(report.status)", data: data)
        }
        if let text = parameters.bodyContains, !answer.text.contains(text) {
            throw OperationError(
                "unexpected_body",
                "the body of '\(parameters.url)' does not contain the text",
                data: data
            )
        }
        try Self.checkCertificate(parameters, report, data)
        return data
    }

    /// The request as curl reads it: not in its arguments, which every user of the host can see.
    static func settings(_ parameters: Parameters) -> String {
        var lines = [
            "url = \(quoted(parameters.url))", "silent", "show-error", "globoff", "proto = \"=http,https\"",
            "max-time = \(parameters.responseTimeout)", "max-filesize = \(bodyLimit)",
            "write-out = \(quoted(CurlReport.format))",
        ]
        if parameters.method == "HEAD" { lines.append("head") }
        if parameters.follow { lines += ["location", "max-redirs = 10"] }
        if parameters.insecure { lines.append("insecure") }
        if parameters.bodyContains == nil { lines.append("output = \"/dev/null\"") }
        for (name, value) in (parameters.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("header = \(quoted(value.isEmpty ? "\(name);" : "\(name): \(value)"))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Whether curl has only refused to read more of a body than was wanted, and none of it is asked for.
    private static func isCut(_ answer: ToolResult, _ parameters: Parameters) -> Bool {
        answer.exitCode == 63 && parameters.bodyContains == nil
    }

    /// The exit codes of curl(1) that an operator tells apart.
    private static func failure(_ answer: ToolResult, _ report: CurlReport) -> OperationError {
        let code =
            switch answer.exitCode {
            case 3: "invalid_parameters"
            case 6: "unknown_host"
            case 28: "timed_out"
            case 35, 51, 58, 60, 77, 83: "tls_failed"
            case 63: "body_too_large"
            default: "unreachable"
            }
        return OperationError(code, report.complaint ?? "curl ended with exit code \(answer.exitCode)")
    }

    private static func checkCertificate(
        _ parameters: Parameters,
        _ report: CurlReport,
        _ data: JSONValue
    ) throws(OperationError) {
        guard let wanted = parameters.certificateDays else { return }
        guard let days = report.certificateDays else {
            let message =
                "the certificate cannot be looked at: the URL is not https, or the host's curl is older than 7.88"
            throw OperationError("no_certificate", message, data: data)
        }
        guard days >= wanted else {
            throw OperationError("certificate_expires", "the certificate is good for \(days) days only", data: data)
        }
    }
}
