// SPDX-License-Identifier: Apache-2.0

import CNNG
import Glibc
import Synchronization

/// The least that a broadcast and a report cost: bare libnng, no façade, no protocol, no store.
///
/// One raw REP socket parks the requests of many REQ sockets and answers them all at once with 1 KiB; or answers each as it
/// comes. Callbacks run on nng's threads and call C and nothing else. Whoever calls the methods waits meanwhile.
final class BareNNG {
    private let server: Server
    private let clients: [Client]

    /// Makes a server; it listens at ``port``.
    static func listen() throws -> Server { try Server() }

    /// Connects a client to each of `urls`.
    init(server: Server, urls: [String]) throws {
        self.server = server
        let progress = Progress(size: urls.count)
        server.progress = progress
        clients = try urls.map { try Client(url: $0, progress: progress) }
        for client in clients { client.ask() }
        try wait(10 + Double(urls.count) / 100) { server.parkedCount == urls.count }
    }

    /// Closes all sockets, once every request has been answered and nothing is on its way.
    ///
    /// Closed with messages on their way, libnng 1.5.2 now and then waits for ever for a task of a pipe.
    func close() throws {
        for client in clients { client.isStopping.store(true, ordering: .sequentiallyConsistent) }
        try wait(10) {
            self.server.answerParked()
            return self.clients.allSatisfy { $0.isIdle.load(ordering: .sequentiallyConsistent) }
        }
        for client in clients { client.close() }
        server.close()
    }

    /// Answers everybody, and waits until all have asked anew.
    ///
    /// - Returns: until the last one had its answer, and until the last one had asked anew.
    func broadcast() throws -> (lastAnswer: Duration, lastRequest: Duration) {
        try wait(10) { self.server.parkedCount == self.clients.count }
        server.progress?.begin()
        let start = ContinuousClock.now
        server.answerParked()
        try wait(30) { self.server.parkedCount == self.clients.count }
        guard let progress = server.progress, let last = progress.lastAnswer else { throw BenchError("no answer came") }
        return (last - start, server.lastParked - start)
    }

    /// How many requests a second are answered, each as it comes.
    func exchanges(for duration: Duration) throws -> Double {
        server.answersAtOnce.store(true, ordering: .sequentiallyConsistent)
        server.answerParked()
        usleep(200_000)
        let before = server.answered.load(ordering: .relaxed)
        let start = ContinuousClock.now
        usleep(UInt32(duration.milliseconds * 1000))
        let count = server.answered.load(ordering: .relaxed) - before
        let time = ContinuousClock.now - start
        server.answersAtOnce.store(false, ordering: .sequentiallyConsistent)
        return Double(count) / time.inSeconds
    }

    /// When the clients had their answers.
    final class Progress {
        private let size: Int
        private let left: Mutex<(count: Int, last: ContinuousClock.Instant?)>

        init(size: Int) {
            self.size = size
            left = Mutex((size, nil))
        }

        func begin() { left.withLock { $0 = (size, nil) } }

        func answered() {
            left.withLock { left in
                left.count -= 1
                if left.count == 0 { left.last = .now }
            }
        }

        var lastAnswer: ContinuousClock.Instant? { left.withLock { $0.last } }
    }

    // MARK: Server

    final class Server {
        private var socket = nng_socket()
        private var receiver: OpaquePointer?
        /// The parked messages by their addresses, since a pointer may not cross a lock.
        private let parked = Mutex((messages: [UInt](), last: ContinuousClock.now))
        private let payload = [UInt8](repeating: 0x42, count: 1024)
        let answersAtOnce = Atomic(false)
        let answered = Atomic(0)
        var progress: Progress?
        private(set) var port: Int32 = 0

        fileprivate init() throws {
            try check(nng_rep0_open_raw(&socket))
            nng_socket_set_int(socket, NNG_OPT_RECVBUF, 8192)
            nng_socket_set_int(socket, NNG_OPT_SENDBUF, 8192)
            var listener = nng_listener()
            try check(nng_listen(socket, "tcp://127.0.0.1:0", &listener, 0))
            var address = nng_sockaddr()
            try check(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &address))
            port = Int32(UInt16(bigEndian: address.s_in.sa_port))
            let context = Unmanaged.passUnretained(self).toOpaque()
            try check(
                nng_aio_alloc(
                    &receiver,
                    { context in
                        guard let context else { return }
                        Unmanaged<Server>.fromOpaque(context).takeUnretainedValue().received()
                    },
                    context
                )
            )
            nng_recv_aio(socket, receiver)
        }

        private func received() {
            guard nng_aio_result(receiver) == 0, let message = nng_aio_get_msg(receiver) else { return }
            take(message)
            // Whatever has come meanwhile is taken without another callback.
            var next: OpaquePointer?
            while nng_recvmsg(socket, &next, Int32(bitPattern: NNG_FLAG_NONBLOCK)) == 0, let message = next {
                take(message)
            }
            nng_recv_aio(socket, receiver)
        }

        private func take(_ message: OpaquePointer) {
            if answersAtOnce.load(ordering: .relaxed) {
                answer(message)
            } else {
                let address = UInt(bitPattern: message)
                parked.withLock { parked in
                    parked.messages.append(address)
                    parked.last = .now
                }
            }
        }

        /// The header of a request names its pipe and its number, so the message itself goes back with another body.
        private func answer(_ message: OpaquePointer) {
            nng_msg_clear(message)
            payload.withUnsafeBytes { _ = nng_msg_append(message, $0.baseAddress, $0.count) }
            if nng_sendmsg(socket, message, 0) != 0 { nng_msg_free(message) }
            answered.add(1, ordering: .relaxed)
        }

        func answerParked() {
            let messages = parked.withLock { parked in
                defer { parked.messages = [] }
                return parked.messages
            }
            for message in messages.compactMap({ OpaquePointer(bitPattern: $0) }) { answer(message) }
        }

        var parkedCount: Int { parked.withLock { $0.messages.count } }
        var lastParked: ContinuousClock.Instant { parked.withLock { $0.last } }

        func close() {
            nng_close(socket)
            nng_aio_free(receiver)
            receiver = nil
            for message in parked.withLock({ $0.messages }) { nng_msg_free(OpaquePointer(bitPattern: message)) }
        }
    }

    // MARK: Client

    private final class Client {
        private var socket = nng_socket()
        private var operation: OpaquePointer?
        private let progress: Progress
        private var hasAsked = false
        let isStopping = Atomic(false)
        let isIdle = Atomic(false)
        private let question = [UInt8](repeating: 0x41, count: 150)

        init(url: String, progress: Progress) throws {
            self.progress = progress
            try check(nng_req0_open(&socket))
            nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, 3_600_000)
            try check(nng_dial(socket, url, nil, Int32(bitPattern: NNG_FLAG_NONBLOCK)))
            try check(
                nng_aio_alloc(
                    &operation,
                    { context in
                        guard let context else { return }
                        Unmanaged<Client>.fromOpaque(context).takeUnretainedValue().completed()
                    },
                    Unmanaged.passUnretained(self).toOpaque()
                )
            )
        }

        func ask() {
            var message: OpaquePointer?
            guard nng_msg_alloc(&message, 0) == 0 else { return }
            question.withUnsafeBytes { _ = nng_msg_append(message, $0.baseAddress, $0.count) }
            nng_aio_set_msg(operation, message)
            hasAsked = true
            nng_send_aio(socket, operation)
        }

        private func completed() {
            guard nng_aio_result(operation) == 0 else { return }
            if hasAsked {
                hasAsked = false
                nng_recv_aio(socket, operation)
            } else {
                nng_msg_free(nng_aio_get_msg(operation))
                progress.answered()
                guard !isStopping.load(ordering: .sequentiallyConsistent) else {
                    return isIdle.store(true, ordering: .sequentiallyConsistent)
                }
                ask()
            }
        }

        func close() {
            nng_close(socket)
            nng_aio_free(operation)
        }
    }
}

private func check(_ result: Int32) throws {
    guard result == 0 else { throw BenchError("nng: \(String(cString: nng_strerror(result)))") }
}

/// Waits, without giving up its thread: nothing else goes on in this process meanwhile.
private func wait(_ seconds: Double, _ isReached: () -> Bool) throws {
    let giveUp = ContinuousClock.now + .seconds(seconds)
    while !isReached() {
        guard ContinuousClock.now < giveUp else { throw BenchError("bare nng: not all answered within \(seconds) s") }
        usleep(100)
    }
}
