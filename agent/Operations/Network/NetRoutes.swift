// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `net.routes`: where the host sends packets.
struct NetRoutes: ReadOperation {
    let type = "net.routes"

    struct Parameters: Decodable, Sendable {
        let family: String
    }

    /// How many routes are told of at most.
    private static let limit = 1000
    /// How much of a table is read: hosts that route the whole internet have a million of lines.
    private static let readLimit = 1_048_576

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        var routes: [JSONValue] = []
        var isCut = false
        for (family, file, read) in [
            ("ipv4", "/proc/net/route", RouteTable.ipv4), ("ipv6", "/proc/net/ipv6_route", RouteTable.ipv6),
        ] where parameters.family == "any" || parameters.family == family {
            let text = HostFile.read(file, limit: Self.readLimit) ?? ""
            isCut = isCut || text.utf8.count >= Self.readLimit
            routes += read(text)
        }
        return [
            "routes": .array(Array(routes.prefix(Self.limit))), "truncated": .bool(isCut || routes.count > Self.limit),
        ]
    }
}
