// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `net.port.check`: whether a port takes connections.
struct NetPortCheck: ReadOperation {
    let type = "net.port.check"

    struct Parameters: Decodable, Sendable {
        let host: String
        let port: UInt16
        let expect: String
        let connectTimeout: Double
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let answer = try await BlockingWork.run { work throws(OperationError) in try Self.check(parameters, work) }
        let isOpen = answer["open"] == true
        guard isOpen != (parameters.expect == "open") else { return answer }
        let place = "port \(parameters.port) of '\(parameters.host)'"
        guard !isOpen else { throw OperationError("port_open", "\(place) takes connections", data: answer) }
        let reason = answer["reason"]?.string ?? ""
        throw OperationError("port_closed", "\(place) takes no connection: \(reason)", data: answer)
    }

    private static func check(_ parameters: Parameters, _ work: BlockingWork) throws(OperationError) -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(parameters.connectTimeout)
        let addresses = try SocketAddress.resolve(parameters.host, port: parameters.port)
        var reason = "no address"
        for address in addresses {
            let start = ContinuousClock.now
            let failure = try connect(to: address, until: deadline, work)
            guard failure != 0 else {
                return [
                    "open": true, "address": .string(address.text),
                    "latency_ms": .double(RoundTrip.milliseconds(ContinuousClock.now - start)),
                ]
            }
            reason = "\(address.text): \(SystemError.reason(failure))"
        }
        return ["open": false, "reason": .string(reason)]
    }

    /// Connects, and closes the connection at once; answers 0 or an errno.
    private static func connect(
        to address: SocketAddress,
        until deadline: ContinuousClock.Instant,
        _ work: BlockingWork
    ) throws(OperationError) -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let socket = FileDescriptor(owning: Glibc.socket(address.family, Int32(kind), 0))
        guard socket.number >= 0 else { return errno }
        let failure = address.withAddress { Glibc.connect(socket.number, $0, $1) == 0 ? 0 : errno }
        guard failure == EINPROGRESS else { return failure }
        guard try work.wait(for: POLLOUT, on: socket.number, until: deadline) else { return ETIMEDOUT }
        var result: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &result, &length) == 0 else { return errno }
        return result
    }
}

/// Times on the way to another host and back.
enum RoundTrip {
    /// Milliseconds with two digits after the point.
    static func milliseconds(_ duration: Duration) -> Double {
        let microseconds = duration / .microseconds(1)
        return (microseconds / 10).rounded() / 100
    }
}
