// SPDX-License-Identifier: Apache-2.0

import Jobs

/// One event of a stream, as the HTML standard has it (section 9.2, server-sent events).
struct ServerSentEvent: Sendable {
    /// Where to go on after it; nil for one that has no place of its own.
    var id: String?
    /// What it is.
    let name: String
    /// Its JSON, which has no line breaks.
    let data: [UInt8]

    /// The text of the event.
    func append(to bytes: inout [UInt8]) {
        if let id { bytes += Array("id: \(id)\n".utf8) }
        bytes += Array("event: \(name)\ndata: ".utf8)
        bytes += data
        bytes += Array("\n\n".utf8)
    }

    /// What is sent when there is nothing to tell, so that both sides see that the other is there.
    static let heartbeat = Array(": still here\n\n".utf8)
}

extension ServerSentEvent {
    /// A line of a timeline: the line, and whose it is.
    init(id: String, line: TimelineEvent, of job: JobID) throws {
        var json = JSONWriter()
        json.beginObject()
        json.member("job_id", job.description)
        json.name("line")
        try line.write(to: &json)
        json.endObject()
        self.init(id: id, name: "timeline", data: json.take())
    }

    /// A job as it is now.
    init(_ job: Job) throws {
        self.init(name: "job", data: try job.text())
    }
}
