// SPDX-License-Identifier: Apache-2.0

import Logging

/// Collects what is logged.
struct LogLines: Sendable {
    let lines = Watched<[String]>([])

    var logger: Logger { Logger(label: "test", factory: { _ in Handler(lines: lines) }) }

    private struct Handler: LogHandler {
        let lines: Watched<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let reason = event.metadata?["reason"].map { ": \($0)" } ?? ""
            lines.update { $0.append("\(event.level) \(event.message)\(reason)") }
        }
    }
}
