// SPDX-License-Identifier: Apache-2.0

/// What the operator decides about the HTTP API.
package struct APIConfiguration: Sendable {
    /// The largest body of a request, in bytes.
    package var maximumBody = 2 * 1024 * 1024
    /// The most bytes of bodies that are held at one time.
    package var maximumBodies = 32 * 1024 * 1024
    /// The most bytes of bodies of one key that are held at one time.
    package var maximumBodiesOfKey = 8 * 1024 * 1024
    /// The most streams of events that are open at one time.
    package var maximumStreams = 200
    /// The most streams of events of one key that are open at one time.
    package var maximumStreamsOfKey = 20
    /// The most exports that go on at one time: each reads the store as quickly as its client takes it.
    package var maximumExports = 4
    /// The most exports of one key that go on at one time.
    package var maximumExportsOfKey = 2
    /// The most outputs that are sent from agents at one time.
    package var maximumOutputs = 32
    /// The most of them of one key.
    package var maximumOutputsOfKey = 8
    /// How many lines of an export are read at once.
    package var exportPart = 500
    /// How often a stream says that it is there, where it has nothing else to say.
    package var streamHeartbeat: Duration = .seconds(15)
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
    static let groups = (default: 100, maximum: 100)
    static let audit = (default: 100, maximum: 1000)
    static let maximumOffset = 1_000_000
    /// How many agents the preview of a target names.
    static let preview = 1000
}
