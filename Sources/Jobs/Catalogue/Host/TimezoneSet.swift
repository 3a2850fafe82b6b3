// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.timezone.set`: the time zone of the host.
    static let timezoneSet = CatalogueOperation(
        "host.timezone.set",
        .modify,
        "Sets the time zone of the host: the link /etc/localtime, and /etc/timezone where there is one or Debian wants it.",
        parameters: .parameters(
            ["timezone": .text("The zone by its name below /usr/share/zoneinfo.", .word, maximum: 100)],
            required: ["timezone"]
        ),
        result: .record(["timezone": ["type": "string"]]),
        examples: [OperationExample("Have hosts live by Berlin's time", ["timezone": "Europe/Berlin"])],
        rules: { data, pointer in
            guard let zone = data["timezone"]?.string, !isZoneName(zone) else { return [] }
            let detail = "must be the name of a zone such as 'Europe/Berlin'"
            return [Fault(pointer: "\(pointer)/timezone", detail: detail)]
        }
    )

    /// Whether a text can be the name of a zone; none leads out of the directory of zones.
    private static func isZoneName(_ name: String) -> Bool {
        name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            part.first.map { $0.isASCIIAlphanumeric } ?? false
                && part.allSatisfy { $0.isASCIIAlphanumeric || "_+-".utf8.contains($0) }
        }
    }
}
