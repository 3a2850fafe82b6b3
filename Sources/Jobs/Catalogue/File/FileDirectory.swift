// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.directory`: a directory with an owner and a mode.
    static let fileDirectory = CatalogueOperation(
        "file.directory",
        .modify,
        "Sees to it that a directory is there, with its owner and mode, and where asked for with those of all in it.",
        parameters: .parameters(
            FileParameters.rights.merging([
                "path": .path("The directory; a link at its end is followed where it leads to a directory."),
                "parents": .flag("Whether missing directories above it are made, with the mode 0755.", default: true),
                "recursive": .flag(
                    "Whether all that is in it gets owner and group, and all directories in it the mode; links are not "
                        + "followed.",
                    default: false
                ),
                "file_mode": .text("With recursive: the mode of the files in it.", .fileMode),
            ]) { $1 },
            required: ["path"]
        ),
        result: FileParameters.result([
            "path": FileParameters.pathResult,
            "looked_at": ["description": "How many files and directories were looked at.", "type": "integer"],
        ]),
        limit: .seconds(600),
        examples: [
            OperationExample(
                "A directory for an application",
                ["path": "/srv/app/data", "owner": "www-data", "group": "www-data", "mode": "0750"]
            ),
            OperationExample(
                "Give all in a directory to a user",
                ["path": "/srv/app", "owner": "www-data", "recursive": true, "file_mode": "0640", "mode": "0750"]
            ),
        ],
        rules: { data, pointer in
            let faults = FileParameters.faults(in: data, at: pointer)
            guard data["file_mode"] != nil, data["recursive"]?.bool != true else { return faults }
            return faults + [Fault(pointer: "\(pointer)/file_mode", detail: "needs 'recursive'")]
        }
    )
}
