// SPDX-License-Identifier: Apache-2.0

import Foundation
import Store
import Testing

/// A kind of store that the conformance suites run against.
///
/// A store of another kind joins the suites by being added to ``all``.
struct StoreFactory: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let open: @Sendable (_ directory: URL) throws -> any JobStore

    static let all = [
        StoreFactory(testDescription: "SQLite file") { try SQLiteStore(path: $0.appending(path: "broker.db").path()) },
        StoreFactory(testDescription: "SQLite in memory") { _ in try SQLiteStore.inMemory() },
    ]

    /// Calls `body` with a new, empty store, which is closed and removed afterwards.
    func withStore(_ body: (any JobStore) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let store = try open(directory)
            do { try await body(store) } catch {
                try await store.close()
                throw error
            }
            try await store.close()
        }
    }
}

/// Calls `body` with a directory of its own, which is removed afterwards.
func withTemporaryDirectory(_ body: (URL) async throws -> Void) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "broker-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try await body(directory)
}
