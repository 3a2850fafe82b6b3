// SPDX-License-Identifier: Apache-2.0

public import ControllerReach
public import Jobs

/// Where the controller is, and how to speak to it.
public struct BrokerClientConfiguration: Sendable {
    /// The controller's URL, `http` or `https`.
    ///
    /// A path is kept as a prefix, for a controller behind a proxy.
    public var url: String
    /// The API key; nil to send none.
    public var key: String?
    /// Whose certificate the controller may show.
    public var trust: ControllerTrust
    /// How long a connection may take to be made.
    public var connectTimeout: Duration
    /// How long a whole call may take.
    public var requestTimeout: Duration
    /// The most bytes of an answer that are taken.
    public var maximumAnswer: Int
    /// To which trace calls belong, and the jobs that they make; nil to tell none.
    public var trace: TraceContext?

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - url: the controller's URL, for example `https://broker.example.org`.
    ///   - key: the API key.
    ///   - caFile: a PEM file with certificates to trust besides those of the system.
    public init(url: String, key: String? = nil, caFile: String? = nil) {
        self.url = url
        self.key = key
        trust = .system(caFile: caFile)
        connectTimeout = .seconds(10)
        requestTimeout = .seconds(60)
        maximumAnswer = 512 * 1024 * 1024
    }
}
