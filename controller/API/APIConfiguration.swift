// SPDX-License-Identifier: Apache-2.0

/// What the operator decides about the HTTP API.
package struct APIConfiguration: Sendable {
    /// The largest body of a request, in bytes.
    package var maximumBody = 2 * 1024 * 1024
    /// How deep the JSON of a body may be nested.
    package var maximumDepth = 64
    /// How long a client may hold a connection up.
    package var connections = ConnectionLimits()
    /// The controller's version, shown in the description of the API and in its status.
    package var version: String

    /// Makes a configuration with the default limits.
    package init(version: String) {
        self.version = version
    }
}

/// The sizes of listings: what is given where nothing is said, and the most that may be asked for.
enum PageSize {
    static let standard = (default: 50, maximum: 500)
    static let jobs = (default: 10, maximum: 100)
    static let runs = (default: 100, maximum: 1000)
    static let audit = (default: 100, maximum: 1000)
    static let maximumOffset = 1_000_000
    /// How many agents the preview of a target names.
    static let preview = 1000
}
