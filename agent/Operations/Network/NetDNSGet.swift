// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `net.dns.get`: whom the host asks for names.
struct NetDNSGet: ReadOperation {
    let type = "net.dns.get"

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        let file = ResolverFile(HostFile.read(ResolverFile.path) ?? "")
        return [
            "nameservers": .array(file.nameservers.map(JSONValue.string)),
            "search": .array(file.search.map(JSONValue.string)),
            "options": .array(file.options.map(JSONValue.string)),
            "link": HostLink.destination(of: ResolverFile.path).map(JSONValue.string) ?? .null,
        ]
    }
}
