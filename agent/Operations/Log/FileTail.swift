// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Reads a file of lines from its end.
struct FileTail {
    /// How much of a file is looked through at most.
    static let scanLimit: Int64 = 256 * 1024 * 1024
    /// How much of a line is told at most.
    static let lineLimit = 8192
    /// How much is told in all.
    static let toldLimit = 524_288

    /// The lines that were found, in the order of the file.
    private(set) var lines: [String] = []
    /// Whether there may be more before them.
    private(set) var isCut = false
    private var told = 0
    private let wanted: Int
    private let pattern: LinePattern?

    /// Reads the last lines of a file that match.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - wanted: how many lines at most.
    ///   - pattern: what they match; nil for all.
    ///   - work: is asked between blocks whether it goes on.
    /// - Throws: ``OperationError`` for what is no file or cannot be read.
    init(_ path: String, lines wanted: Int, matching pattern: LinePattern?, _ work: BlockingWork) throws(OperationError)
    {
        self.wanted = wanted
        self.pattern = pattern
        guard let state = try FileState(at: path, following: true) else {
            throw OperationError("not_found", "there is no file '\(path)'")
        }
        guard state.kind == .file else {
            throw OperationError("not_a_file", "'\(path)' is a \(state.kind.rawValue), not a file")
        }
        let file = FileDescriptor(owning: open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK))
        guard file.number >= 0 else { throw .system("cannot open '\(path)'", errno) }
        try read(file.number, state.size, path, work)
        lines.reverse()
    }

    private mutating func read(
        _ file: Int32,
        _ size: Int64,
        _ path: String,
        _ work: BlockingWork
    ) throws(OperationError) {
        var position = size
        // What a line has after the block that is read now; only its beginning counts in the end.
        var rest: [UInt8] = []
        while position > 0 {
            guard size - position < Self.scanLimit else {
                isCut = true
                return
            }
            try work.sleep(until: .now)
            let start = max(0, position - 65_536)
            var block = [UInt8](repeating: 0, count: Int(position - start))
            let count = pread(file, &block, block.count, off_t(start))
            guard count >= 0 else { throw .system("cannot read '\(path)'", errno) }
            block.removeLast(block.count - count)
            position = start
            // The end of the last line of the file begins none.
            if start + Int64(count) == size, block.last == UInt8(ascii: "\n") { block.removeLast() }
            block += rest
            var end = block.count
            while let mark = block[..<end].lastIndex(of: UInt8(ascii: "\n")) {
                guard take(block[(mark + 1)..<end]) else { return }
                end = mark
            }
            rest = Array(block[..<min(end, Self.lineLimit * 16)])
        }
        if size > 0 { _ = take(rest[...]) }
    }

    /// Takes a line if it matches; answers whether more are wanted.
    private mutating func take(_ bytes: ArraySlice<UInt8>) -> Bool {
        var line = String(decoding: bytes.prefix(Self.lineLimit), as: UTF8.self)
        if line.utf8.last == UInt8(ascii: "\r") { line.removeLast() }
        guard pattern?.isFound(in: line.utf8) ?? true else { return true }
        guard lines.count < wanted, told + line.utf8.count <= Self.toldLimit else {
            isCut = true
            return false
        }
        lines.append(line)
        told += line.utf8.count
        return true
    }
}
