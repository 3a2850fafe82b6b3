// SPDX-License-Identifier: Apache-2.0

import Jobs

/// An output as it is taken in: what the run's data will have of it, its file once that is not all, and who follows it.
struct KeepingOutput: ~Copyable {
    /// What the run's data will have of it.
    private(set) var captured: CapturedOutput
    private let limit: Int
    private let stream: RunOutput.Stream
    private let live: LiveOutput?
    private var file: OutputFile?

    /// Makes an empty output.
    ///
    /// - Parameters:
    ///   - stream: which of the two it is.
    ///   - request: how much of it the data may have, and where it goes beside that.
    init(_ stream: RunOutput.Stream, of request: ProcessRequest) {
        captured = CapturedOutput(limit: request.outputLimit)
        limit = request.outputLimit
        self.stream = stream
        live = request.live
        file = request.outputs?.file(stream)
    }

    /// Takes the next bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if file != nil, captured.size + bytes.count > limit {
            // Until now the data had room for all of it, and there was no file.
            if captured.size <= limit { captured.whole?.withUnsafeBytes { file?.append($0) } }
            file?.append(bytes)
        }
        captured.append(bytes)
        live?.append(bytes, to: stream)
    }
}
