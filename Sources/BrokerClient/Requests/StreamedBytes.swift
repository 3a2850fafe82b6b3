// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import NIOCore

/// An answer that can be long, in pieces as they come, to be iterated over once.
public struct StreamedBytes: AsyncSequence, Sendable {
    private let name: String
    private let body: HTTPClientResponse.Body
    private let base: BaseURL

    /// Makes the pieces of an answer.
    ///
    /// - Parameters:
    ///   - name: what it is, for who gets only some of it.
    ///   - body: the answer.
    ///   - base: who gives it.
    init(_ name: String, body: HTTPClientResponse.Body, base: BaseURL) {
        self.name = name
        self.body = body
        self.base = base
    }

    /// Begins to read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(name, bytes: body.makeAsyncIterator(), base: base)
    }

    /// Reads in turn.
    public struct Iterator: AsyncIteratorProtocol {
        private var bytes: HTTPClientResponse.Body.AsyncIterator
        private let name: String
        private let base: BaseURL

        init(_ name: String, bytes: HTTPClientResponse.Body.AsyncIterator, base: BaseURL) {
            self.name = name
            self.bytes = bytes
            self.base = base
        }

        /// The next piece, which can end anywhere; nil at the end of all of it.
        ///
        /// - Throws: ``BrokerClientError`` with code `unreachable` or `timedOut` where it was cut short;
        ///   `CancellationError` on cancellation.
        public mutating func next() async throws -> [UInt8]? {
            do {
                return try await bytes.next(isolation: #isolation).map { Array($0.readableBytesView) }
            } catch {
                switch BrokerClient.translated(error, base: base) {
                case let error as BrokerClientError:
                    throw BrokerClientError(
                        code: error.code,
                        message: "\(name) was cut short, and is not whole: \(error.message)"
                    )
                case let error: throw error
                }
            }
        }
    }
}
