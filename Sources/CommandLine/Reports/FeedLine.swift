// SPDX-License-Identifier: Apache-2.0

package import BrokerClient
import Jobs

/// A line of some job's timeline, as a watch of all jobs shows it.
package struct FeedLine: Encodable, Sendable {
    fileprivate let jobID: JobID
    fileprivate let line: TimelineEvent

    /// The line that an event of the stream has; nil for any other event.
    package init?(_ event: StreamedEvent) {
        guard case .line(let line, let jobID) = event.content else { return nil }
        self.jobID = jobID
        self.line = line
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case line
    }

    /// One line of text.
    package func text(_ presenter: Presenter) -> String {
        // They come one by one, and there is no widest to go by; the longest name of an event has 16 letters.
        let event = line.event.rawValue
        let gap = String(repeating: " ", count: max(1, 17 - event.count))
        let words = [line.hostname, line.error?.message ?? line.message].compactMap(\.self).joined(separator: "  ")
        let text = "\(line.timestamp.brief)  \(jobID)  \(event)\(gap)\(words)"
        return presenter.inked(SafeText.line.made(of: text), line.error == nil ? .plain : .bad) + "\n"
    }
}

extension RecordView where Record == FeedLine {
    /// Lines of the timelines of all jobs.
    package static let feed = RecordView([
        .text("timestamp") { $0.line.timestamp.description },
        .text("job_id") { $0.jobID.description },
        .text("event") { $0.line.event.rawValue },
        .text("hostname") { $0.line.hostname },
        .text("message") { $0.line.message },
        .text("error_code") { $0.line.error?.code },
        .text("error_message") { $0.line.error?.message },
    ])
}
