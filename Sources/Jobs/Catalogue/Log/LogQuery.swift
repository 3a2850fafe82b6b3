// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `log.query`: the last lines of a log.
    static let logQuery = CatalogueOperation(
        "log.query",
        .read,
        "Tells the last lines of the host's journal, or of a file, that fit; skipped where the host keeps no journal.",
        parameters: .parameters([
            "path": .path("The file; the journal of systemd if this is left out."),
            "lines": .integer("How many lines are told at most, the last ones.", 1...5000, default: 100),
            "pattern": .text(
                "A regular expression that the lines match: extended POSIX ones in files, PCRE2 in the journal.",
                .line,
                maximum: 1000
            ),
            "unit": .text("Journal only: of this unit.", .unitName, maximum: 255),
            "since": .text(
                "Journal only: from this time on (RFC 3339), or from this long ago: '15m'.",
                .word,
                maximum: 40
            ),
            "until": .text("Journal only: up to this time, or up to this long ago.", .word, maximum: 40),
            "priority": .choice(
                "Journal only: of this priority, or more urgent.",
                ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
            ),
        ]),
        result: .record([
            "source": ["type": "string"], "truncated": ["type": "boolean"],
            "entries": [
                "type": "array",
                "items": .record(
                    [
                        "message": ["type": "string"], "time": ["type": "string"], "unit": ["type": "string"],
                        "identifier": ["type": "string"], "pid": ["type": "integer"], "priority": ["type": "string"],
                    ],
                    optional: ["time", "unit", "identifier", "pid", "priority"]
                ),
            ],
        ]),
        examples: [
            OperationExample(
                "Look for what dpkg installed last",
                ["path": "/var/log/dpkg.log", "pattern": " installed "]
            ),
            OperationExample(
                "Ask for the errors of a service",
                ["unit": "ssh.service", "since": "2h", "priority": "err"]
            ),
        ],
        rules: { data, pointer in
            var faults: [Fault] = []
            for name in ["since", "until"] {
                guard let text = data[name]?.string, Timestamp(text) == nil, Duration(humanText: text) == nil else {
                    continue
                }
                let detail = "must be a time (RFC 3339), or how long ago, such as '15m'"
                faults.append(Fault(pointer: "\(pointer)/\(name)", detail: detail))
            }
            for name in ["unit", "since", "until", "priority"] where data["path"] != nil && data[name] != nil {
                faults.append(Fault(pointer: "\(pointer)/\(name)", detail: "is for the journal, not for a file"))
            }
            return faults
        }
    )
}
