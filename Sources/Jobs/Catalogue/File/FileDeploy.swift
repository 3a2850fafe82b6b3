// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.deploy`: a file with a content, an owner and a mode.
    static let fileDeploy = CatalogueOperation(
        "file.deploy",
        .modify,
        "Gives a file its content, owner and mode; the file is replaced as a whole, or not at all.",
        parameters: .parameters(
            FileParameters.writing.merging(contents.merging(template) { $1 }) { $1 },
            required: ["path"]
        ),
        result: FileParameters.result(
            [
                "path": FileParameters.pathResult,
                "bytes": ["description": "The size of the content.", "type": "integer"],
                "sha256": ["description": "The SHA-256 of a content that is no secret.", "type": "string"],
                "object_on_host": [
                    "description":
                        "False in a dry run where the object would have to be brought: what differs is not known then.",
                    "type": "boolean",
                ],
                "backup": FileParameters.backupResult,
            ],
            optional: ["sha256", "object_on_host", "backup"]
        ),
        limit: .seconds(600),
        examples: [
            OperationExample(
                "A message of the day that only root may change",
                [
                    "path": "/etc/motd", "content": "Managed by Broker\n", "owner": "root", "group": "root",
                    "mode": "0644", "backup": true,
                ]
            ),
            OperationExample(
                "A file with facts of each host, checked before it is put in place",
                [
                    "path": "/etc/broker-example.conf", "template": true, "variables": ["port": "8080"],
                    "content": "listen {{fact.hostname}}:{{var.port}}\n", "validate": ["grep", "-q", "^listen ", "%s"],
                ]
            ),
        ],
        rules: { data, pointer in
            sourceFaults(data, at: pointer) + FileParameters.faults(in: data, at: pointer)
        }
    )

    private static let sources = ["content", "content_base64", "secret_content", "object"]

    private static let contents: [String: JSONValue] = [
        "path": .path("The file; its directory must be there."),
        "mode": .text(
            "Its permission bits in octal, such as '0644'; left out, those that it has, or 0644, or 0600 with a secret in it.",
            .fileMode
        ),
        "content": FileParameters.literal("The content as text."),
        "object": .storedObject(
            "The name of a stored object whose bytes are the content; at most 16 MiB as a template."
        ),
        "timeout": .seconds(
            "How long it may take, in seconds; an object is brought in that time.",
            atMost: 86_400,
            default: 600
        ),
        "content_base64": [
            "description": "The content as bytes in base64.", "type": "string", "references": false,
            "format": .string(JSONSchemaFormat.base64.rawValue),
            "maxLength": .int(Int64((FileParameters.maximumContentBytes + 2) / 3 * 4)),
        ],
        "secret_content": .secret(
            "The content as a secret text: sealed to the hosts of the job, and shown to nobody.",
            maximum: FileParameters.maximumSecretCharacters
        ),
    ]

    private static let template: [String: JSONValue] = [
        "template": .flag(
            "Whether {{fact.NAME}}, {{label.NAME}} and {{var.NAME}} in the content are replaced; '{{{{' stands for '{{'.",
            default: false
        ),
        "variables": .texts("The variables of a template by name."),
        "secret_variables": [
            "description": "Variables of a template whose values are secrets: sealed to the hosts of the job.",
            "type": "object", "additionalProperties": ["type": "string", "secret": true, "writeOnly": true],
        ],
    ]

    private static func sourceFaults(_ data: JSONValue, at pointer: String) -> [Fault] {
        var faults: [Fault] = []
        if sources.count(where: { data[$0] != nil }) != 1 {
            faults.append(Fault(pointer: pointer, detail: "needs exactly one of \(sources.joined(separator: ", "))"))
        }
        if data["template"]?.bool != true {
            for name in ["variables", "secret_variables"] where data[name] != nil {
                faults.append(Fault(pointer: "\(pointer)/\(name)", detail: "needs 'template'"))
            }
        }
        return faults
    }
}
