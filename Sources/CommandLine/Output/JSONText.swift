// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// JSON as text for stdout.
package enum JSONText {
    /// The text of a value, with the eight-bit control characters escaped, which some terminals obey.
    ///
    /// - Throws: what the value's own `encode` throws.
    package static func text(_ value: some Encodable, pretty: Bool) throws -> String {
        var text = String(decoding: try JSON.encode(value, pretty: pretty), as: UTF8.self)
        // The encoder opens lines for what is empty; no string of JSON has line breaks of its own.
        if pretty { text.replace(/([\[{])\n\s*([\]}])/) { "\($0.1)\($0.2)" } }
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        // Outside of strings JSON has none of these, and inside an escape means the same.
        var escaped = ""
        for scalar in text.unicodeScalars {
            guard isControl(scalar) else {
                escaped.unicodeScalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return escaped
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (0x7F...0x9F).contains(scalar.value)
    }
}

/// A job with its runs: what is written for a job that was waited for.
package struct JobWithRuns: Encodable, Sendable {
    private let job: Job
    private let runs: [Run]

    /// Makes a record of a job and its runs.
    package init(_ job: Job, runs: [Run]) {
        self.job = job
        self.runs = runs
    }

    private enum CodingKeys: String, CodingKey {
        case runs
    }

    /// Writes the job's fields and `runs` beside them.
    package func encode(to encoder: any Encoder) throws {
        try job.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(runs, forKey: .runs)
    }
}
