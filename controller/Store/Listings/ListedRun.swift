// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A run among the runs of many jobs, with what of its job goes with it.
package struct ListedRun: Sendable {
    /// The run, without what the operation told.
    package let run: Run
    /// The operation of its job.
    package let operation: String
    /// When its job was committed.
    package let createdAt: Timestamp
    /// The exit code of its process; nil where there was none.
    package let exitCode: Int?

    /// Where the runs after this one begin.
    package var place: RunPlace { RunPlace(jobID: run.jobID, hostname: run.hostname) }
}

/// Where a run is among the runs of many jobs: job by job, and by hostname in each.
package struct RunPlace: Hashable, Sendable {
    /// Its job.
    package let jobID: JobID
    /// Its host.
    package let hostname: String

    /// Makes a place, whether there is a run or not.
    package init(jobID: JobID, hostname: String) {
        self.jobID = jobID
        self.hostname = hostname
    }
}
