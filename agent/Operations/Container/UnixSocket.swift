// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc
import Jobs

/// A connection to a socket of the host, used by one thread.
struct UnixSocket: ~Copyable {
    private let file: FileDescriptor
    private let path: String

    /// Connects.
    ///
    /// - Throws: ``OperationError`` where nobody listens, or the agent may not.
    init(_ path: String) throws(OperationError) {
        self.path = path
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        file = FileDescriptor(owning: socket(AF_UNIX, kind, 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw OperationError("name_too_long", "'\(path)' is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        guard file.number >= 0 else { throw .system("cannot make a socket", errno) }
        let failure = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
            }
        }
        guard failure == 0 else { throw .system("cannot reach the container engine at '\(path)'", failure) }
        let other = broker_set_nonblocking(file.number)
        guard other == 0 else { throw .system("cannot prepare a socket", other) }
    }

    /// Sends all of the bytes.
    func send(
        _ bytes: [UInt8],
        until deadline: ContinuousClock.Instant,
        _ work: BlockingWork
    ) throws(OperationError) {
        var sent = 0
        while sent < bytes.count {
            guard try work.wait(for: POLLOUT, on: file.number, until: deadline) else { throw timedOut }
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(file.number, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw .system("cannot send to '\(path)'", errno) }
            sent += count
        }
    }

    /// Waits for the next bytes; none for the end.
    func receive(
        _ buffer: inout [UInt8],
        until deadline: ContinuousClock.Instant,
        _ work: BlockingWork
    ) throws(OperationError) -> ArraySlice<UInt8> {
        while true {
            guard try work.wait(for: POLLIN, on: file.number, until: deadline) else { throw timedOut }
            let count = recv(file.number, &buffer, buffer.count, 0)
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count >= 0 else { throw .system("cannot read from '\(path)'", errno) }
            return buffer[..<count]
        }
    }

    private var timedOut: OperationError {
        var error = OperationError("timed_out", "the container engine at '\(path)' has not answered in time")
        error.state = .timedOut
        return error
    }
}
