// SPDX-License-Identifier: Apache-2.0

package import BrokerClient
package import Jobs

/// The exit codes of `broker`, and what leads to each.
///
/// The only place that knows them.
package enum ProgramExit: Int32, Sendable, CaseIterable {
    /// All is well.
    case success = 0
    /// Something went wrong that has no code of its own, a fault of the controller included.
    case unexpected = 1
    /// The command line, the environment or the configuration file cannot be used; nothing was sent.
    case usage = 2
    /// The job is at its end, and some of its hosts did not do well.
    case someHostsFailed = 3
    /// The job is at its end, and no host did well, or the job was cancelled.
    case allHostsFailed = 4
    /// The controller refused the call.
    case refused = 5
    /// The controller cannot be reached, or takes no calls.
    case unreachable = 6
    /// The time to wait is over, and the job goes on.
    case waitedOut = 7
    /// Interrupted; a job that was submitted goes on.
    case interrupted = 130

    /// The code for a job that was waited for.
    package init(_ status: JobStatus) {
        switch status {
        case .completed: self = .success
        case .partialFailure: self = .someHostsFailed
        case .failed, .cancelled: self = .allHostsFailed
        case .submitted, .processing: self = .waitedOut
        }
    }

    /// The code for a call that failed.
    package init(_ error: BrokerClientError) {
        switch error.code {
        case .invalidConfiguration: self = .usage
        case .unreachable, .untrusted, .timedOut: self = .unreachable
        case .refused where error.isOutage: self = .unreachable
        case .refused(let problem): self = problem.status < 500 ? .refused : .unexpected
        case .badAnswer: self = .unexpected
        }
    }

    /// The list of codes for the help of the program.
    package static let help = """
        EXIT CODES
          0    all is well
          1    something unexpected, a fault of the controller included
          2    the command line, the environment or the configuration file is wrong
          3    some hosts failed
          4    all hosts failed, or the job was cancelled
          5    refused by the controller: not found, not allowed, not valid
          6    the controller cannot be reached
          7    the time to wait is over, and the job goes on
          130  interrupted; a job that was submitted goes on
        """
}
