// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
@_exported public import ControllerReach
internal import Jobs
internal import NIOCore
internal import NIOHTTP1

/// A client of the controller's HTTP API.
///
/// One client keeps its connections open between calls and may be used by many tasks at once. It must be shut down, or
/// be used by ``with(_:_:)``, which does that.
///
/// ```swift
/// let configuration = BrokerClientConfiguration(url: "https://broker.example.org", key: key)
/// try await BrokerClient.with(configuration) { client in
///     let request = JobRequest(operation: OperationRequest(type: "ping"), target: "_all")
///     let job = try await client.submit(request)
///     for try await case .job(let job) in client.follow(job.id) { print(job.agentsCompleted) }
/// }
/// ```
///
/// ## Errors and cancellation
///
/// Every call throws ``BrokerClientError``, or `CancellationError` when its task was cancelled. A call that was
/// cancelled or timed out may all the same have reached the controller.
public struct BrokerClient: Sendable {
    let base: BaseURL
    let http: HTTPClient
    let headers: HTTPHeaders
    let requestTimeout: Duration
    let maximumAnswer: Int

    /// Makes a client; nothing is sent yet.
    ///
    /// - Parameter configuration: where the controller is, and how to speak to it.
    /// - Throws: ``BrokerClientError`` with code `invalidConfiguration`.
    public init(_ configuration: BrokerClientConfiguration) throws(BrokerClientError) {
        base = try BaseURL(configuration.url)
        headers = try Self.headers(configuration)
        requestTimeout = configuration.requestTimeout
        maximumAnswer = configuration.maximumAnswer

        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.tlsConfiguration = try configuration.trust.tls()
        settings.httpVersion = .http1Only
        settings.timeout.connect = .milliseconds(configuration.connectTimeout.wholeMilliseconds)
        // Streams are heard of each 15 seconds; other calls have shorter limits.
        settings.timeout.read = .seconds(90)
        // A refused connection is told at once; whoever wants to try again does so knowingly.
        settings.connectionPool.retryConnectionEstablishment = false
        // More than are followed at once, so that other calls need not wait for streams to end.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// Gives `body` a client and shuts it down afterwards.
    ///
    /// - Parameters:
    ///   - configuration: where the controller is, and how to speak to it.
    ///   - body: what to do with the client.
    /// - Returns: what `body` returns.
    /// - Throws: ``BrokerClientError`` for the configuration, and what `body` throws.
    @discardableResult
    public static func with<Result: Sendable>(
        _ configuration: BrokerClientConfiguration,
        _ body: (BrokerClient) async throws -> Result
    ) async throws -> Result {
        let client = try BrokerClient(configuration)
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Closes the connections.
    ///
    /// Calls that are still open fail; the client cannot be used again.
    public func shutdown() async {
        // The only fault there can be is a connection that did not close cleanly, which is of no use to anyone here.
        _ = try? await http.shutdown()
    }

    private static func headers(_ configuration: BrokerClientConfiguration) throws(BrokerClientError) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Accept": "application/json", "User-Agent": "broker-client"]
        if let trace = configuration.trace { headers.add(name: "traceparent", value: "\(trace)") }
        guard let key = configuration.key else { return headers }
        guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw BrokerClientError(
                code: .invalidConfiguration,
                message: "the API key is empty, or has blanks or control characters in it"
            )
        }
        headers.add(name: "Authorization", value: "Bearer \(key)")
        return headers
    }
}
