// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `archive.extract`: what is in an archive, put into a directory.
    static let archiveExtract = CatalogueOperation(
        "archive.extract",
        .modify,
        "Puts what is in an archive of the host, or in a stored object, into a directory: tar, also with gzip, bzip2, xz "
            + "or zstd, and zip.",
        parameters: .parameters(
            [
                "archive": .path("The archive, a file of the host."),
                "object": .storedObject("The name of a stored object that is the archive."),
                "destination": .path("The directory; it is made if it is not there, within one that is."),
                "sha256": .text("The SHA-256 that the archive must have.", .sha256),
                "strip_components": .integer(
                    "How many directories are taken off the front of names.",
                    0...32,
                    default: 0
                ),
                "creates": .path(
                    "If this path exists, nothing is done. Without it the destination has a file '.broker-archive' that says "
                        + "which archive was put there last."
                ),
                "owner": FileParameters.owner("The user that all of it belongs to; the agent's if left out."),
                "group": FileParameters.owner("The group that all of it belongs to; the agent's if left out."),
                "timeout": .seconds("How long it may take.", atMost: 86_400, default: 600),
            ],
            required: ["destination"]
        ),
        result: FileParameters.result(
            [
                "destination": FileParameters.pathResult,
                "sha256": ["description": "The SHA-256 of the archive.", "type": "string"],
                "format": ["description": "What the archive is.", "type": "string"],
                "members": ["description": "How many files and directories are in it.", "type": "integer"],
                "object_on_host": [
                    "description":
                        "False in a dry run where the object would have to be brought: what is in it is not known then.",
                    "type": "boolean",
                ],
                "skipped_because": ["description": "Why nothing was done.", "type": "string"],
            ],
            optional: ["sha256", "format", "members", "object_on_host", "skipped_because"]
        ),
        limit: .seconds(600),
        examples: [
            OperationExample(
                "Put a release into its directory",
                ["archive": "/var/tmp/app-1.4.2.tar.gz", "destination": "/opt/app-1.4.2", "strip_components": 1]
            )
        ],
        rules: { data, pointer in
            guard (data["archive"] == nil) != (data["object"] == nil) else {
                return [Fault(pointer: pointer, detail: "needs exactly one of archive, object")]
            }
            return FileParameters.faults(in: data, at: pointer, paths: ["archive", "destination", "creates"])
        }
    )
}
