// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// The beginnings of what a run told.
struct RunExcerpt {
    /// So many characters of base64 have at least as many bytes as an excerpt, and end between two groups of four.
    private static let length = 344

    /// The statement that ``init(_:)`` reads a row of: given a job and a hostname.
    static let statement = """
        SELECT CASE json_type(d.data, '$.exit_code') WHEN 'integer' THEN json_extract(d.data, '$.exit_code') END,
            \(text("stdout")), json_extract(d.data, '$.stdout_encoding') = 'base64',
            \(text("stderr")), json_extract(d.data, '$.stderr_encoding') = 'base64',
            substr(d.data, 1, \(length)), substr(r.error_message, 1, \(length))
        FROM runs r INDEXED BY runs_by_hostname LEFT JOIN run_data d ON d.job = r.job AND d.agent = r.agent
        WHERE r.job = ? AND r.hostname = ? LIMIT 1
        """

    private static func text(_ name: String) -> String {
        """
        CASE json_type(d.data, '$.\(name)') WHEN 'text' THEN substr(json_extract(d.data, '$.\(name)'), 1, \(length)) END
        """
    }

    /// The exit code of its command; nil where there is none.
    let exitCode: Int?
    private let stdout: String?
    private let stderr: String?
    private let data: String?
    private let error: String?

    init(_ row: SQLRow) {
        exitCode = row[0]
        stdout = Self.decoded(row[1], isBase64: row[2] ?? false)
        stderr = Self.decoded(row[3], isBase64: row[4] ?? false)
        data = row[5]
        error = row[6]
    }

    private static func decoded(_ text: String?, isBase64: Bool) -> String? {
        guard isBase64, let text, let bytes = Data(base64Encoded: text) else { return text }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The beginning of what there is to show of a run that stands so; nil where there is nothing.
    ///
    /// What went wrong is told by stderr or by the error, what went well by stdout; what is no command has its data.
    func excerpt(of state: RunState) -> String? {
        let isWell = state == .completed || state == .skipped
        let isCommand = stdout != nil || stderr != nil
        let texts = isWell ? [stdout, stderr] : [stderr, stdout]
        let rest = isCommand ? [error] : [error, data]
        return (texts + rest).lazy.compactMap(\.self).first { !$0.isEmpty }.map(Self.cut)
    }

    /// The beginning of a text that has no more bytes than an excerpt may have.
    private static func cut(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        var size = 0
        for scalar in text.unicodeScalars {
            size += UTF8.width(scalar)
            guard size <= RunGroup.maximumExcerpt else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
