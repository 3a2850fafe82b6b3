// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.timezone.get`: the time zone of the host.
    static let timezoneGet = CatalogueOperation(
        "host.timezone.get",
        .read,
        "Tells the time zone of the host: where /etc/localtime leads, and what /etc/timezone says.",
        result: .record(["timezone": ["type": ["string", "null"]], "etc_timezone": ["type": ["string", "null"]]]),
        examples: [OperationExample("Ask hosts for their time zones", [:])]
    )
}
