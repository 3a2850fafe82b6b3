// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.run`: a container that runs as described.
    static let containerRun = CatalogueOperation(
        "container.run",
        .modify,
        "Sees to it that a container of this name runs as described: makes it, starts it, or, with replace, makes it anew.",
        parameters: .parameters(
            [
                "name": .containerName, "image": .image("The image; the host gets it if it does not have it."),
                "command": .words("What it runs; what the image says if this is left out.", of: "A word.", 0...256),
                "env": .texts("Variables."),
                "secret_env": [
                    "description":
                        "Variables whose values are secrets; on the host whoever may ask its engine sees them.",
                    "type": "object", "additionalProperties": ["type": "string", "secret": true, "writeOnly": true],
                ],
                "ports": .list(
                    "What of it can be reached from outside.",
                    of: .text("[ADDRESS:]PORT:PORT[/tcp|/udp], that of the host first.", .word, maximum: 64),
                    0...100
                ),
                "volumes": .list(
                    "What it sees of the host.",
                    of: .text("/PATH:/PATH[:ro] or VOLUME:/PATH[:ro], that of the host first.", .line),
                    0...100
                ),
                "restart": .choice(
                    "Whether the engine starts it again when it ends.",
                    ["no", "on-failure", "always", "unless-stopped"],
                    default: "no"
                ),
                "network": .text("Its network.", .word, maximum: 255),
                "user": .text("As which user it runs.", .word, maximum: 255), "labels": .texts("Labels."),
                "replace": .flag("Whether one that is there and was described otherwise is made anew.", default: false),
                "socket": .engineSocket,
            ],
            required: ["name", "image"]
        ),
        // Of one that a dry run would make there is only the name.
        result: .record(JSONValue.containerMembers, optional: ["id", "image", "state"]),
        limit: .seconds(1800),
        examples: [
            OperationExample(
                "Run a web server in a container",
                [
                    "name": "web", "image": "docker.io/library/nginx:1.27", "ports": ["8080:80"],
                    "volumes": ["/srv/www:/usr/share/nginx/html:ro"], "restart": "unless-stopped",
                ]
            )
        ],
        rules: { data, pointer in
            var faults = containerFaults(data, pointer)
            for (index, port) in (data["ports"]?.array ?? []).enumerated()
            where PublishedPort(port.string ?? "") == nil {
                let detail = "must be [ADDRESS:]PORT:PORT[/tcp|/udp]"
                faults.append(Fault(pointer: "\(pointer)/ports/\(index)", detail: detail))
            }
            for (index, volume) in (data["volumes"]?.array ?? []).enumerated() where !isVolume(volume.string ?? "") {
                let detail = "must be /PATH:/PATH[:ro] or VOLUME:/PATH[:ro]"
                faults.append(Fault(pointer: "\(pointer)/volumes/\(index)", detail: detail))
            }
            return faults
        }
    )

    private static func isVolume(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.count == 2 || ["ro", "rw"].contains(parts[2]) else { return false }
        let isName = parts[0].utf8.allSatisfy { $0.isASCIIAlphanumeric || "_.-".utf8.contains($0) }
        return !parts[0].isEmpty && (parts[0].hasPrefix("/") || isName) && parts[1].hasPrefix("/")
    }
}
