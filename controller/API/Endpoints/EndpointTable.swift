// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// All calls of the API, and which methods a path takes.
struct EndpointTable: Sendable {
    let endpoints: [Endpoint]

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
    }

    /// The methods that `path` takes; empty if it does not belong to the API.
    func methods(of path: String) -> [HTTPRequest.Method] {
        let segments = path.split(separator: "/")
        let fitting = endpoints.filter { Self.fits($0.path.split(separator: "/"), segments) }
        // A word is itself before it is the value of a parameter, as the router has it.
        let parameters = fitting.map(\.pathParameters.count).min()
        var methods: [HTTPRequest.Method] = []
        for endpoint in fitting where endpoint.pathParameters.count == parameters {
            methods.append(endpoint.method)
            if endpoint.method == .get { methods.append(.head) }
        }
        return methods
    }

    /// Whether a path takes a method that needs no key.
    func isOpen(_ path: String) -> Bool {
        let segments = path.split(separator: "/")
        return endpoints.contains { $0.access == .open && Self.fits($0.path.split(separator: "/"), segments) }
    }

    private static func fits(_ pattern: [Substring], _ segments: [Substring]) -> Bool {
        pattern.count == segments.count
            && zip(pattern, segments).allSatisfy { Endpoint.parameter($0) != nil || $0 == $1 }
    }
}
