// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Jobs

/// Of what a webhook is told.
struct WebhookFilterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Of what it is told; can be given again, or with commas.", valueName: "event,...")
    )
    var events: [String] = []

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp(
            "A label that a job must have; may be given again, for all of them.",
            valueName: "name=value"
        )
    )
    var labels: [String] = []

    func validate() throws {
        _ = try eventTypes(events)
        _ = try jobLabels(labels)
    }

    /// The names of the events; nil where none are given.
    var names: [String]? { events.isEmpty ? nil : (try? eventTypes(events))?.map(\.rawValue) }

    /// The labels; nil where none are given.
    var filter: [String: String]? { labels.isEmpty ? nil : try? jobLabels(labels) }
}

/// The events that are named, with commas or one by one.
///
/// - Throws: `ValidationError` for one that there is not.
func eventTypes(_ words: [String]) throws -> [WebhookEventType] {
    try words.flatMap { $0.split(separator: ",") }.map { word in
        let name = String(word.drop { $0 == " " })
        guard let event = WebhookEventType.selectable.first(where: { $0.rawValue == name }) else {
            let known = WebhookEventType.selectable.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("there is no event \u{27}\(name)\u{27}; there are \(known)")
        }
        return event
    }
}
