// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `net.ping`: whether another host answers.
///
/// It sends the requests itself, so that no host needs a program for it: by a socket for ICMP where the kernel lets the
/// agent have one, else by a raw one, which only root may have.
struct NetPing: ReadOperation {
    let type = "net.ping"

    struct Parameters: Decodable, Sendable {
        let host: String
        let count: Int
        let interval: Double
        let replyTimeout: Double
        let family: String
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        try await BlockingWork.run { work throws(OperationError) in try Self.ping(parameters, work) }
    }

    private static func ping(_ parameters: Parameters, _ work: BlockingWork) throws(OperationError) -> JSONValue {
        let family = ["ipv4": AF_INET, "ipv6": AF_INET6][parameters.family] ?? AF_UNSPEC
        let addresses = try SocketAddress.resolve(parameters.host, port: nil, family: family)
        guard let address = addresses.first else {
            throw OperationError("unknown_host", "there is no address for '\(parameters.host)'")
        }
        let socket = try socket(for: address.family)
        let token = UInt64.random(in: .min ... .max)
        var times: [Duration] = []
        var reason = "no answer"
        for number in 0..<parameters.count {
            let start = ContinuousClock.now
            let request = EchoRequest(
                family: address.family,
                identifier: UInt16(truncatingIfNeeded: getpid()),
                sequence: UInt16(number + 1),
                token: token
            )
            switch try ask(request, socket.number, address, start + .seconds(parameters.replyTimeout), work) {
            case 0: times.append(ContinuousClock.now - start)
            case ETIMEDOUT: break
            case let failure: reason = SystemError.reason(failure)
            }
            if number + 1 < parameters.count { try work.sleep(until: start + .seconds(parameters.interval)) }
        }
        let data = told(times, of: parameters.count, address)
        guard times.isEmpty else { return data }
        throw OperationError(
            "unreachable",
            "'\(parameters.host)' (\(address.text)) does not answer: \(reason)",
            data: data
        )
    }

    private static func told(_ times: [Duration], of count: Int, _ address: SocketAddress) -> JSONValue {
        let loss = (Double(count - times.count) * 1000 / Double(count)).rounded() / 10
        var data: [String: JSONValue] = [
            "address": .string(address.text), "sent": .int(Int64(count)), "received": .int(Int64(times.count)),
            "loss_percent": .double(loss),
        ]
        if let minimum = times.min(), let maximum = times.max() {
            let average = times.reduce(.zero, +) / times.count
            data["rtt_ms"] = [
                "minimum": .double(RoundTrip.milliseconds(minimum)),
                "average": .double(RoundTrip.milliseconds(average)),
                "maximum": .double(RoundTrip.milliseconds(maximum)),
            ]
        }
        return .object(data)
    }

    // MARK: Sending and receiving

    private static func socket(for family: Int32) throws(OperationError) -> FileDescriptor {
        let kind = Int32(family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)
        for type in [SOCK_DGRAM, SOCK_RAW] {
            let flags = type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
            let number = Glibc.socket(family, Int32(flags), kind)
            if number >= 0 { return FileDescriptor(owning: number) }
        }
        throw .system("cannot send ICMP (root may, or the groups in net.ipv4.ping_group_range)", errno)
    }

    /// Sends a request and waits for its answer; answers 0 or an errno.
    private static func ask(
        _ request: EchoRequest,
        _ socket: Int32,
        _ address: SocketAddress,
        _ deadline: ContinuousClock.Instant,
        _ work: BlockingWork
    ) throws(OperationError) -> Int32 {
        let bytes = request.bytes
        let sent = address.withAddress { sendto(socket, bytes, bytes.count, 0, $0, $1) }
        guard sent == bytes.count else { return errno }
        var buffer = [UInt8](repeating: 0, count: 2048)
        while try work.wait(for: POLLIN, on: socket, until: deadline) {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0, errno != EAGAIN, errno != EINTR { return errno }
            if count > 0, request.isAnswered(by: buffer[..<count]) { return 0 }
        }
        return ETIMEDOUT
    }
}
