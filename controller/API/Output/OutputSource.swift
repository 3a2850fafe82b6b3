// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import JobDispatch
import Jobs
import Logging
import NIOCore
import ServiceLifecycle

/// An output that an agent keeps.
struct OutputSource: Sendable {
    let agents: any AgentOutputs
    let run: Run
    let stream: RunOutput.Stream

    /// How many bytes the agent has.
    ///
    /// - Throws: ``OutputFault``.
    func size() async throws -> Int {
        guard let piece = try await next(of: try await begin(0..<0)) else { throw OutputFault.broken }
        return piece.keptBytes
    }

    /// The bytes of a range, read as the client takes them; there is one piece in memory, and one on the way.
    ///
    /// - Parameters:
    ///   - range: which bytes; the agent has them all.
    ///   - place: what is given back at the end.
    ///   - logger: for one that is cut short.
    /// - Returns: the body.
    func body(_ range: Range<Int>, holding place: StreamPlaces.Place, logger: Logger) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            defer { withExtendedLifetime(place) {} }
            do {
                try await write(range, to: &writer)
            } catch let fault as OutputFault {
                logger.info("an output was cut short", metadata: ["job.id": "\(run.jobID)", "error": "\(fault)"])
                throw fault
            }
            try await writer.finish(nil)
        }
    }

    @concurrent private func write(_ range: Range<Int>, to writer: inout any ResponseBodyWriter) async throws {
        guard !range.isEmpty else { return }
        let transfer = try await begin(range)
        var place = range.lowerBound
        while place < range.upperBound {
            guard let piece = try await next(of: transfer), piece.offset == place, !piece.bytes.isEmpty,
                piece.bytes.count <= range.upperBound - place
            else { throw OutputFault.broken }
            place += piece.bytes.count
            try await writer.write(ByteBuffer(bytes: piece.bytes))
        }
    }

    private func begin(_ range: Range<Int>) async throws -> OutputTransfer {
        let question = OutputQuestion(jobID: run.jobID, attempt: run.attempt, stream: stream, range: range)
        return try await agents.begin(question, at: run.agentID)
    }

    /// Waits for a piece, but not beyond the end of the controller.
    private func next(of transfer: OutputTransfer) async throws -> AgentOutputPiece? {
        try await cancelWhenGracefulShutdown { try await transfer.next() }
    }
}
