// SPDX-License-Identifier: Apache-2.0

import Jobs

/// An output as it is taken in: what the run's data will have of it, and its file once that is not all.
struct KeepingOutput: ~Copyable {
    /// What the run's data will have of it.
    private(set) var captured: CapturedOutput
    private let limit: Int
    private var file: OutputFile?

    /// Makes an empty output.
    ///
    /// - Parameters:
    ///   - stream: which of the two it is.
    ///   - limit: how many bytes of it the data may have.
    ///   - outputs: where all of it is kept; nil for nowhere.
    init(_ stream: RunOutput.Stream, limit: Int, in outputs: RunOutputs?) {
        captured = CapturedOutput(limit: limit)
        self.limit = limit
        file = outputs?.file(stream)
    }

    /// Takes the next bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if file != nil, captured.size + bytes.count > limit {
            // Until now the data had room for all of it, and there was no file.
            if captured.size <= limit { captured.whole?.withUnsafeBytes { file?.append($0) } }
            file?.append(bytes)
        }
        captured.append(bytes)
    }
}
