// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `net.dns.set`: whom the host asks for names.
struct NetDNSSet: ModifyOperation {
    let type = "net.dns.set"

    struct Parameters: Decodable, Sendable {
        let nameservers: [String]
        let search: [String]?
        let options: [String]?
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        if let wrong = parameters.nameservers.first(where: { !NumericAddress.isAddress($0) }) {
            throw OperationError("invalid_parameters", "/nameservers: '\(wrong)' is no IP address")
        }
        if let destination = HostLink.destination(of: ResolverFile.path) {
            let message = "'\(ResolverFile.path)' leads to '\(destination)', which another program keeps; set it there"
            throw OperationError.notApplicable(message)
        }
        let text = try HostFile.text(ResolverFile.path) ?? ""
        let old = ResolverFile(text)
        let new = ResolverFile(
            nameservers: parameters.nameservers,
            search: parameters.search ?? old.search,
            options: parameters.options ?? old.options
        )
        let data: [String: JSONValue] = ["nameservers": .array(new.nameservers.map(JSONValue.string))]
        guard new != old else { return .nothing(data) }
        let file = FileReplacement(ResolverFile.path, text: new.text(instead: text))
        return Plan(try file.change().map { [$0] } ?? [], data: data) {
            try await file.write(in: context)
            return [:]
        }
    }
}
