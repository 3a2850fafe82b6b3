// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import NNG
import Synchronization
import Wire

extension LinkSession {
    /// How many requests for output are answered at once.
    private static let mostAtOnce = 8

    /// Answers requests for output as they come, side by side, each on a context of its own.
    ///
    /// Nothing that goes wrong with one of them ends the link: who asked is told by the controller, and asks again.
    ///
    /// - Throws: `CancellationError`.
    func keepSendingOutput(on socket: Socket) async throws {
        await withDiscardingTaskGroup { group in
            for await request in outputRequests {
                let isTooMuch = outputsUnderWay.withLock { count in
                    count += 1
                    return count > Self.mostAtOnce
                }
                group.addTask {
                    defer { self.outputsUnderWay.withLock { $0 -= 1 } }
                    do {
                        try await self.answer(request, isTooMuch: isTooMuch, on: Context(on: socket))
                    } catch {
                        self.logger.debug(
                            "an output was not sent to its end",
                            metadata: ["job.id": "\(request.jobID)", "error": "\(error)"]
                        )
                    }
                }
            }
            group.cancelAll()
        }
        try Task.checkCancellation()
    }

    /// Sends what is wanted of an output, a piece whenever the controller has taken the one before.
    @concurrent
    private func answer(_ request: OutputRequest, isTooMuch: Bool, on context: Context) async throws {
        guard !isTooMuch else {
            let error = RunError(code: "busy", message: "\(Self.mostAtOnce) outputs are being sent already")
            _ = try await send(OutputPiece(refusing: request.id, error), on: context)
            return
        }
        if request.isFollowing { return try await follow(request, on: context) }
        guard let output = outputs?.open(request.stream, request.jobID, request.attempt) else {
            let error = RunError(code: "output_gone", message: "this output is not kept, or no more")
            _ = try await send(OutputPiece(refusing: request.id, error), on: context)
            return
        }
        var place = min(request.offset, output.size)
        let end = place + min(request.length, output.size - place)
        while true {
            let bytes = output.read(place, min(WireLimits.outputPiece, end - place))
            let piece = OutputPiece(
                requestID: request.id,
                stream: request.stream,
                offset: place,
                bytes: bytes,
                keptBytes: output.size,
                isLast: place + bytes.count >= end
            )
            guard !bytes.isEmpty || piece.isLast else { throw LinkError.unreadableOutput }
            guard try await send(piece, on: context), !piece.isLast else { return }
            place += bytes.count
        }
    }

    /// Sends a piece.
    ///
    /// - Returns: whether the controller wants more.
    func send(_ piece: OutputPiece, on context: Context) async throws -> Bool {
        switch try await ask(.output(piece), on: context, timeout: configuration.outputTimeout) {
        case .outputReceipt(let goesOn): return goesOn
        case .welcome, .introduce, .work, .receipt, .credentials, .piece, .uploaded, .refusal:
            throw LinkError.unexpectedAnswer(to: "piece of output")
        }
    }
}
