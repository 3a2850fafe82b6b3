// SPDX-License-Identifier: Apache-2.0

import NIOPosix

/// The bytes of an object, read a piece at a time; they stay readable while somebody has this, whatever becomes of the name.
package final class ObjectContent: Sendable {
    private let file: Descriptor
    /// How many bytes there are.
    package let size: Int64

    init(_ file: Descriptor) throws {
        self.file = file
        size = try file.size()
    }

    /// Reads a piece, away from the threads that serve others.
    ///
    /// - Parameters:
    ///   - offset: where it begins.
    ///   - count: how many bytes at most.
    /// - Returns: the bytes; fewer at the end.
    /// - Throws: `StoreError`.
    package func read(at offset: Int64, count: Int) async throws -> [UInt8] {
        try await NIOThreadPool.singleton.runIfActive { [file] in try file.read(at: offset, count: count) }
    }
}
