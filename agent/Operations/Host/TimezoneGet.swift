// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `host.timezone.get`: the time zone of the host.
struct TimezoneGet: ReadOperation {
    let type = "host.timezone.get"

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        [
            "timezone": TimezoneFiles.linked.map(JSONValue.string) ?? .null,
            "etc_timezone": TimezoneFiles.named.map(JSONValue.string) ?? .null,
        ]
    }
}
