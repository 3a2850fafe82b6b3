// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `net.http.check`: whether a server answers as it should.
    static let netHTTPCheck = CatalogueOperation(
        "net.http.check",
        .read,
        "Asks for a URL with the host's curl, and fails if status, body or certificate are not as they are expected to be.",
        parameters: .parameters(
            [
                "url": .text("What to ask for: an http or https URL.", .word, maximum: 4096),
                "method": .choice("How.", ["GET", "HEAD"], default: "GET"),
                "headers": .texts("Headers of the request."),
                "status": .list("The statuses that are good.", of: .integer("A status.", 100...599), 1...100)
                    .with(default: [200]),
                "body_contains": .text("A text that the body must contain, of which 4 MiB are read.", maximum: 4096),
                "certificate_days": .integer(
                    "How many days the server's certificate must still be good for.",
                    0...3650
                ),
                "follow": .flag("Whether redirects are followed, at most ten.", default: false),
                "insecure": .flag("Whether a certificate that the host does not trust is good enough.", default: false),
                "response_timeout": .seconds("How long all of it may take.", atMost: 300, default: 10),
            ],
            required: ["url"]
        ),
        result: .record(
            [
                "status": ["type": "integer"], "time_ms": ["type": "number"], "address": ["type": "string"],
                "body_bytes": ["type": "integer"], "certificate_expires_at": ["type": "string"],
                "certificate_days": ["type": "integer"],
            ],
            optional: ["certificate_expires_at", "certificate_days"]
        ),
        limit: .seconds(330),
        examples: [
            OperationExample(
                "Ask a host's own server for its health",
                ["url": "http://127.0.0.1:8080/health", "status": [200, 204], "response_timeout": 3]
            )
        ],
        rules: { data, pointer in
            var faults: [Fault] = []
            let url = data["url"]?.string?.lowercased() ?? ""
            if !url.hasPrefix("http://"), !url.hasPrefix("https://") {
                faults.append(Fault(pointer: "\(pointer)/url", detail: "must begin with http:// or https://"))
            }
            for (name, value) in data["headers"]?.object ?? [:] {
                let isName = !name.isEmpty && name.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_.".utf8.contains($0) }
                guard !isName || JSONSchemaFormat.line.fault(in: value.string ?? "") != nil else { continue }
                let detail = "must be a header: a name of letters, digits and '-', and one line"
                faults.append(Fault(pointer: "\(pointer)/headers", detail: detail))
            }
            return faults
        }
    )
}

extension JSONValue {
    /// The schema of a parameter with a default.
    func with(default value: JSONValue) -> JSONValue {
        var members = object ?? [:]
        members["default"] = value
        return .object(members)
    }
}
