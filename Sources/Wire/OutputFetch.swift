// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs
import SwiftProtobuf

/// What the controller wants of what an agent has kept of the output of a run.
///
/// It is of the moment: it is stored nowhere, and gone with the link.
package struct OutputRequest: Hashable, Sendable {
    /// The controller's number for it, repeated in each piece.
    package var id: UInt64
    /// The job.
    package var jobID: JobID
    /// Which execution.
    package var attempt: Int
    /// Which of the two outputs.
    package var stream: RunOutput.Stream
    /// Where to begin, in bytes.
    package var offset: Int
    /// How many bytes at most; 0 asks only how many there are.
    package var length: Int
    /// Whether both outputs are wanted as they are written, for as long as the run goes on: stdout from `offset` on.
    package var isFollowing = false
    /// Where to begin in stderr, of a run that is followed.
    package var errorOffset = 0

    /// Makes a request of its parts.
    package init(id: UInt64, jobID: JobID, attempt: Int, stream: RunOutput.Stream, offset: Int, length: Int) {
        self.id = id
        self.jobID = jobID
        self.attempt = attempt
        self.stream = stream
        self.offset = offset
        self.length = length
    }

    /// Makes a request for what a run writes while it goes on.
    package init(id: UInt64, following jobID: JobID, attempt: Int, stdout: Int, stderr: Int) {
        self.init(id: id, jobID: jobID, attempt: attempt, stream: .stdout, offset: stdout, length: 0)
        isFollowing = true
        errorOffset = stderr
    }
}

/// A part of the answer to an ``OutputRequest``; the next is sent when the controller has answered this one.
package struct OutputPiece: Hashable, Sendable {
    /// The number of the request.
    package var requestID: UInt64
    /// Of which of the two outputs it is.
    package var stream: RunOutput.Stream
    /// Where its bytes begin.
    package var offset: Int
    /// The bytes.
    package var bytes: [UInt8]
    /// How many bytes the agent has in all.
    package var keptBytes: Int
    /// Whether no more follow.
    package var isLast: Bool
    /// Why there is nothing to give; then it is the last one, and has no bytes.
    package var error: RunError?

    /// Makes a piece of its parts.
    package init(
        requestID: UInt64,
        stream: RunOutput.Stream = .stdout,
        offset: Int,
        bytes: [UInt8],
        keptBytes: Int,
        isLast: Bool,
        error: RunError? = nil
    ) {
        self.requestID = requestID
        self.stream = stream
        self.offset = offset
        self.bytes = bytes
        self.keptBytes = keptBytes
        self.isLast = isLast
        self.error = error
    }

    /// The answer to a request for what there is not.
    package init(refusing requestID: UInt64, _ error: RunError) {
        self.init(requestID: requestID, offset: 0, bytes: [], keptBytes: 0, isLast: true, error: error)
    }
}

// MARK: Protobuf

extension OutputRequest {
    init(_ message: PBOutputRequest) throws(WireError) {
        self.init(
            id: message.id,
            jobID: try Wire.jobID(message.jobID),
            attempt: try Wire.attempt(message.attempt),
            stream: try RunOutput.Stream(message.stream),
            offset: Int(clamping: message.offset),
            length: Int(clamping: message.length)
        )
        isFollowing = message.follow
        errorOffset = Int(clamping: message.stderrOffset)
    }

    var protobuf: PBOutputRequest {
        var message = PBOutputRequest()
        message.id = id
        message.jobID = jobIDBytes(jobID)
        message.attempt = UInt32(clamping: attempt)
        message.stream = stream.protobuf
        message.offset = UInt64(clamping: offset)
        message.length = UInt64(clamping: length)
        message.follow = isFollowing
        message.stderrOffset = UInt64(clamping: errorOffset)
        return message
    }
}

extension RunOutput.Stream {
    fileprivate init(_ stream: PBOutputRequest.Stream) throws(WireError) {
        switch stream {
        case .stdout: self = .stdout
        case .stderr: self = .stderr
        case .unspecified, .UNRECOGNIZED: throw .malformed("an output that there is not")
        }
    }

    fileprivate var protobuf: PBOutputRequest.Stream {
        switch self {
        case .stdout: .stdout
        case .stderr: .stderr
        }
    }
}

extension OutputPiece {
    init(_ message: PBOutputPiece) throws(WireError) {
        guard message.content.count <= WireLimits.outputPiece else {
            throw .malformed("a piece of output is too large")
        }
        guard message.offset <= WireLimits.output, message.keptBytes <= WireLimits.output else {
            throw .malformed("a place in an output")
        }
        var error: RunError?
        if message.hasError { error = try RunError(message.error) }
        self.init(
            requestID: message.requestID,
            // One that refuses is of neither.
            stream: message.stream == .unspecified ? .stdout : try RunOutput.Stream(message.stream),
            offset: Int(message.offset),
            bytes: Array(message.content),
            keptBytes: Int(message.keptBytes),
            isLast: message.isLast,
            error: error
        )
    }

    var protobuf: PBOutputPiece {
        var message = PBOutputPiece()
        message.requestID = requestID
        message.stream = stream.protobuf
        message.offset = UInt64(clamping: offset)
        message.content = Data(bytes)
        message.keptBytes = UInt64(clamping: keptBytes)
        message.isLast = isLast
        if let error { message.error = error.protobuf }
        return message
    }
}
