// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.authorized_key.add`: a key that lets somebody log in as a user.
    static let userAuthorizedKeyAdd = CatalogueOperation(
        "user.authorized_key.add",
        .modify,
        "Adds a public key to ~/.ssh/authorized_keys of a user; follows no links there.",
        parameters: .parameters(
            [
                "user": UserParameters.name("The user."),
                "key": .text("The public key: type, base64, and a comment where you like.", .line, maximum: 16_384),
                "options": .text(
                    "What the key may be used for (sshd(8)), such as restrict,pty. Left out, a key keeps what it has.",
                    .line
                ),
            ],
            required: ["user", "key"]
        ),
        result: authorizedKeys,
        examples: [
            OperationExample("Let a key in", ["user": "root", "key": .string(exampleKey), "options": "restrict,pty"])
        ],
        rules: { data, pointer in
            var faults = UserParameters.faultsOfKey(data, pointer)
            if let options = data["options"]?.string, !AuthorizedKey.areOptions(options) {
                let detail = "must be options of sshd(8) between commas, with white space in quotes only"
                faults.append(Fault(pointer: "\(pointer)/options", detail: detail))
            }
            return faults
        }
    )

    static let exampleKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1wEDV7YCpB4ugGPSOMLnNuTCEyTTVhGWTPNvWh0HxB ops@example.org"

    static let authorizedKeys = JSONValue.record(
        [
            "user": .text("The user."), "path": .text("The file."),
            "keys": .integer("How many keys there will be.", 0...1_000_000),
        ],
        optional: ["path"]
    )
}
