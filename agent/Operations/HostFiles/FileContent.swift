// SPDX-License-Identifier: Apache-2.0

/// What a file is to hold.
enum FileContent: Sendable {
    /// Bytes that are in memory.
    case bytes([UInt8])

    /// How many bytes there are.
    var size: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        }
    }

    /// Whether a file holds exactly this.
    ///
    /// - Throws: ``OperationError`` where it cannot be read, and when the run's time is over.
    func isHeld(by file: OpenFile, in context: OperationContext) async throws(OperationError) -> Bool {
        switch self {
        case .bytes(let bytes): try file.holds(bytes)
        }
    }

    /// How it differs from what a file holds.
    ///
    /// - Parameters:
    ///   - file: the file; nil where there is none.
    ///   - path: what it is called.
    /// - Returns: a unified diff, or a line that says why there is none.
    /// - Throws: ``OperationError`` where it cannot be read.
    func diff(from file: OpenFile?, at path: String) throws(OperationError) -> String {
        guard max(file?.state.size ?? 0, size) <= HostFile.editableBytes else {
            return "Files \(path) differ, and are too large to be compared line by line\n"
        }
        let old = try file?.bytes(limit: HostFile.editableBytes)
        switch self {
        case .bytes(let bytes): return UnifiedDiff.between(path, old, bytes)
        }
    }

    /// Writes it to a draft.
    ///
    /// - Throws: ``OperationError`` where it cannot be written, and when the run's time is over.
    func write(to draft: FileDraft, in context: OperationContext) async throws(OperationError) {
        switch self {
        case .bytes(let bytes): try draft.fill(bytes)
        }
    }
}
