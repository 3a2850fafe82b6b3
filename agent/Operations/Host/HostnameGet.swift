// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `host.hostname.get`: what the host is called.
struct HostnameGet: ReadOperation {
    let type = "host.hostname.get"

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        [
            "hostname": HostFacts.hostname.map(JSONValue.string) ?? .null,
            "static": HostnameFiles.staticName.map(JSONValue.string) ?? .null,
        ]
    }
}
