// SPDX-License-Identifier: Apache-2.0

/// How results are written to stdout.
package enum OutputFormat: String, Sendable, CaseIterable {
    /// Aligned columns for people.
    case table
    /// The API's object or list, indented.
    case json
    /// One JSON object a line.
    case ndjson
    /// A header and one record a line (RFC 4180).
    case csv
}

/// Which hosts' output is shown.
package enum OutputChoice: String, Sendable, CaseIterable {
    /// No output.
    case never
    /// Output of hosts that did not do well.
    case failed
    /// Output of all hosts.
    case all

    /// What is shown where the user did not say: all, except in a table of more than a few hosts.
    package static func usual(format: OutputFormat, hosts: Int) -> OutputChoice {
        format == .table && hosts > fewHosts ? .failed : .all
    }

    /// Up to how many hosts a table shows all output.
    package static let fewHosts = 10
}

/// Whether colours are used.
package enum ColourChoice: String, Sendable, CaseIterable {
    /// On a terminal, if the environment does not speak against it.
    case auto
    /// Always.
    case always
    /// Never.
    case never

    /// Whether to use colours on a stream.
    ///
    /// - Parameters:
    ///   - isTerminal: whether the stream is a terminal.
    ///   - environment: `NO_COLOR` with any text, and `TERM=dumb`, speak against colours.
    /// - Returns: whether to use them.
    package func isOn(isTerminal: Bool, environment: [String: String]) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        }
    }
}
