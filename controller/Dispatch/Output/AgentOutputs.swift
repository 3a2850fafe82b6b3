// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Who can ask agents for what they have kept of the output of runs.
package protocol AgentOutputs: Sendable {
    /// Asks an agent for a part of an output.
    ///
    /// - Parameters:
    ///   - question: what is wanted.
    ///   - agent: who has it.
    /// - Returns: the answer as it comes; letting go of it ends it.
    /// - Throws: ``OutputFault`` `offline`, `busy`.
    func begin(_ question: OutputQuestion, at agent: AgentID) async throws(OutputFault) -> OutputTransfer
}

/// What is wanted of an output that an agent has kept.
package struct OutputQuestion: Hashable, Sendable {
    /// The job.
    package let jobID: JobID
    /// Which execution.
    package let attempt: Int
    /// Which of the two outputs.
    package let stream: RunOutput.Stream
    /// The places of the bytes; an empty range asks only how many there are.
    package let range: Range<Int>
    /// Whether both outputs are wanted as they are written, for as long as the run goes on: stdout from the beginning of `range`.
    package var isFollowing = false
    /// Where to begin in stderr, of a run that is followed.
    package var errorPlace = 0

    /// Makes a question of its parts.
    package init(jobID: JobID, attempt: Int, stream: RunOutput.Stream, range: Range<Int>) {
        self.jobID = jobID
        self.attempt = attempt
        self.stream = stream
        self.range = range
    }

    /// Makes a question for what a run writes while it goes on.
    ///
    /// - Parameters:
    ///   - jobID: the job.
    ///   - attempt: which execution.
    ///   - stdout: where to begin in stdout.
    ///   - stderr: where to begin in stderr.
    package init(following jobID: JobID, attempt: Int, stdout: Int, stderr: Int) {
        self.init(jobID: jobID, attempt: attempt, stream: .stdout, range: stdout..<stdout)
        isFollowing = true
        errorPlace = stderr
    }
}

/// A part of an output that has come from an agent.
package struct AgentOutputPiece: Hashable, Sendable {
    /// Of which of the two outputs it is.
    package let stream: RunOutput.Stream
    /// Where its bytes begin.
    package let offset: Int
    /// The bytes.
    package let bytes: [UInt8]
    /// How many bytes the agent has in all.
    package let keptBytes: Int
    /// Whether no more follow.
    package let isLast: Bool

    /// Makes a piece of its parts.
    package init(
        _ stream: RunOutput.Stream = .stdout,
        offset: Int,
        bytes: [UInt8],
        keptBytes: Int,
        isLast: Bool
    ) {
        self.stream = stream
        self.offset = offset
        self.bytes = bytes
        self.keptBytes = keptBytes
        self.isLast = isLast
    }
}

/// Why an output cannot be had of an agent.
package enum OutputFault: Error, Hashable, Sendable {
    /// The agent is not connected, or its link was lost meanwhile.
    case offline
    /// The agent does not answer: it is stuck, or older than this.
    case silent
    /// The agent has it no more, or never had.
    case gone
    /// The agent, or the controller, has too much of this to do.
    case busy
    /// Who asked does not take what comes.
    case untaken
    /// The agent's answer is not to the question.
    case broken
}
