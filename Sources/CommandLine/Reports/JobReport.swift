// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// All there is to say about a job: record, counts, timeline, and the errors of its hosts.
package struct JobReport: Sendable {
    private let job: Job
    private let notWell: [Run]

    /// Makes a report of a job and of those of its runs that did not do well.
    package init(_ job: Job, notWell: [Run]) {
        self.job = job
        self.notWell = notWell
    }

    /// The report as text.
    package func text(_ presenter: Presenter) -> String {
        var text = record.text(colours: presenter.colours)
        if !notWell.isEmpty {
            text += "\n" + heading("Errors", presenter) + presenter.text(errors)
            let missing = job.agentCounts.notWell - notWell.count
            if missing > 0 { text += "… \(missing) more: broker jobs runs \(job.id) --all\n" }
        }
        if let timeline = job.timeline, !timeline.isEmpty {
            text += "\n" + heading("Timeline", presenter) + presenter.text(lines(timeline))
            let missing = (job.timelineTotal ?? 0) - timeline.count
            if missing > 0 { text += "… \(missing) more lines\n" }
        }
        return text
    }

    private func heading(_ title: String, _ presenter: Presenter) -> String {
        presenter.inked("\(title):", .faint) + "\n"
    }

    private var record: Details {
        var details = Details()
        details.add("job", job.id.description)
        details.add("status", job.status.words, Ink(job.status))
        details.add("operation", job.operation.type)
        if job.operation.data.object?.isEmpty == false { details.add("parameters", job.operation.data.brief) }
        details.add("target", job.target)
        details.add("note", job.note)
        details.add("created by", job.createdBy)
        details.add("created", job.createdAt.brief)
        details.add("deadline", job.deadlineAt.brief)
        details.add("started", job.startedAt?.brief)
        details.add("completed", job.completedAt?.brief)
        details.add("labels", job.labelsInWords)
        if let webhook = job.webhook {
            let events = webhook.events.map(\.rawValue).joined(separator: ", ")
            details.add("webhook", "\(webhook.id) tells \(webhook.receiver): \(events)")
        }
        if let error = job.error {
            let hosts = "\(error.agents) \(error.agents == 1 ? "host" : "hosts")"
            details.add("error", "\(error.code) on \(hosts): \(error.message)", .bad)
        }
        details.add("trace", job.traceID)
        details.add("retry of", job.retryOf?.description)
        if job.retries > 0 { details.add("retries", "\(job.retries)") }
        if let retry = job.retry, retry.maxAttempts > 1 {
            let pause = retry.backoff > 0 ? ", \(Duration.seconds(retry.backoff).brief) apart at first" : ""
            details.add("attempts", "up to \(retry.maxAttempts)\(pause)")
        }
        if job.onInterrupt == .rerun { details.add("on interrupt", "rerun") }
        if job.parallel { details.add("parallel", "yes") }
        if job.dryRun { details.add("dry run", "yes: nothing is touched") }
        if let cancel = job.cancel {
            let words = [cancel.requestedBy.map { "by \($0)" }, cancel.reason].compactMap(\.self)
            details.add("cancel", "requested \(cancel.requestedAt.brief) " + words.joined(separator: ": "), .notice)
        }
        details.add("hosts", ProgressLine(job.agentCounts).description)
        details.add("changed", job.changed.map { "\(words(for: $0)), \(job.agentsChanged) of \(job.agentsTotal)" })
        return details
    }

    private func words(for changed: Bool) -> String {
        if job.dryRun { return changed ? "would be" : "would not be" }
        return changed ? "yes" : "no"
    }

    private var errors: Table {
        var table = Table([.text("host"), .text("state"), .text("error")])
        for run in notWell {
            table.add([
                Table.Cell(run.hostname), Table.Cell(run.state.words, Ink(run.state)), Table.Cell(run.errorLine),
            ])
        }
        return table
    }

    private func lines(_ timeline: [TimelineEvent]) -> Table {
        var table = Table([.text("time"), .text("event"), .text("host"), .text("message")])
        for line in timeline {
            table.add([
                Table.Cell(clock(line.timestamp)),
                Table.Cell(line.event.rawValue), Table.Cell(line.hostname),
                Table.Cell(line.error?.message ?? line.message),
            ])
        }
        return table
    }

    /// The time of day with milliseconds, and the day as well where it is not the day of the submission.
    private func clock(_ time: Timestamp) -> String {
        let text = time.description
        let day = text.prefix(10)
        let clock = String(text.dropFirst(11))
        return day == job.createdAt.description.prefix(10) ? clock : "\(day) \(clock)"
    }
}
