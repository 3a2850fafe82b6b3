// SPDX-License-Identifier: Apache-2.0

import Jobs
import NNG
import Wire

extension LinkSession {
    /// Sends what a run writes as it is written, until it ends or nobody listens any more.
    ///
    /// What comes quickly is sent together, a few times a second, so that reports never wait for much of it; what is too much
    /// for that is left out, which shows in the places of the pieces. When nothing is written, an empty piece asks now and
    /// then whether anybody still listens.
    ///
    /// - Throws: what ended it before.
    @concurrent
    func follow(_ request: OutputRequest, on context: Context) async throws {
        let run = await outputs?.follow(request.jobID, request.attempt)
        var following = Following(stdout: request.offset, stderr: request.errorOffset)
        var toldAt = ContinuousClock.now
        while true {
            let began = ContinuousClock.now
            // Read before the news: of one that is over then, they are the last.
            let isOver = run?.isOver() ?? true
            let piece = run.flatMap { following.next($0, for: request.id) }
            let isLast = piece == nil && isOver
            if piece != nil || isLast || began - toldAt >= configuration.followQuestion {
                let piece = piece ?? following.empty(for: request.id, isLast: isLast)
                guard try await send(piece, on: context), !isLast else { return }
                toldAt = began
            }
            if !isOver { try await Task.sleep(until: began + configuration.followPace, clock: .continuous) }
        }
    }
}

/// How far who follows a run has come.
struct Following {
    private var stdout: Int
    private var stderr: Int
    /// Which output is looked at first: the one that did not have the last piece.
    private var turn = RunOutput.Stream.stdout

    /// Begins at places of the two outputs.
    init(stdout: Int, stderr: Int) {
        self.stdout = stdout
        self.stderr = stderr
    }

    /// The next piece; nil where there is no news.
    mutating func next(_ run: OutputExchange.Live, for id: UInt64) -> OutputPiece? {
        for stream in turn == .stdout ? [RunOutput.Stream.stdout, .stderr] : [.stderr, .stdout] {
            let (offset, bytes) = run.news(stream, stream == .stdout ? stdout : stderr, WireLimits.livePiece)
            guard !bytes.isEmpty else { continue }
            let end = offset + bytes.count
            switch stream {
            case .stdout: (stdout, turn) = (end, .stderr)
            case .stderr: (stderr, turn) = (end, .stdout)
            }
            return OutputPiece(
                requestID: id,
                stream: stream,
                offset: offset,
                bytes: bytes,
                keptBytes: end,
                isLast: false
            )
        }
        return nil
    }

    /// A piece without bytes.
    func empty(for id: UInt64, isLast: Bool) -> OutputPiece {
        OutputPiece(requestID: id, offset: stdout, bytes: [], keptBytes: stdout, isLast: isLast)
    }
}
