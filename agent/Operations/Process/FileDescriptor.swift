// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc

/// A call to the operating system failed.
struct SystemError: Error, Hashable {
    /// The errno.
    let code: Int32
    /// What was tried.
    let action: String

    /// What was tried and why it failed, in words.
    var message: String { "\(action): \(Self.reason(code))" }

    /// The operating system's words for an errno.
    static func reason(_ code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: start)
        }
    }
}

/// An open file descriptor with one owner, closed when the owner lets go of it.
struct FileDescriptor: ~Copyable, Sendable {
    let number: Int32

    /// Takes over an open descriptor; a negative number is none.
    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Writes bytes, all of them.
    ///
    /// - Parameters:
    ///   - bytes: what to write.
    ///   - path: what it is, for messages.
    /// - Throws: ``OperationError`` where they cannot all be written.
    func writeAll(_ bytes: [UInt8], to path: String) throws(OperationError) {
        let failure = Operations.writeAll(bytes, to: number)
        guard failure == 0 else { throw .system("cannot write '\(path)'", failure) }
    }

    /// `/dev/null`, to read from.
    static func null() throws(SystemError) -> FileDescriptor {
        let number = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw SystemError(code: errno, action: "cannot open /dev/null") }
        return FileDescriptor(owning: number)
    }

    /// Makes reads and writes of this end return at once.
    func setNonblocking() throws(SystemError) {
        let failure = broker_set_nonblocking(number)
        guard failure == 0 else { throw SystemError(code: failure, action: "cannot prepare a pipe") }
    }
}

/// A pipe; both ends block at first and are closed in children.
struct Pipe: ~Copyable {
    let reading: FileDescriptor
    let writing: FileDescriptor

    /// Makes a pipe.
    init() throws(SystemError) {
        var reading: Int32 = -1
        var writing: Int32 = -1
        let failure = broker_pipe(&reading, &writing)
        guard failure == 0 else { throw SystemError(code: failure, action: "cannot make a pipe") }
        self.reading = FileDescriptor(owning: reading)
        self.writing = FileDescriptor(owning: writing)
    }

    /// The numbers of its ends.
    var numbers: (reading: Int32, writing: Int32) { (reading.number, writing.number) }
}

/// Writes bytes to a descriptor, all of them; answers 0 or an errno.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
            write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return errno }
        written += count
    }
    return 0
}
