// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `user.password`: the password of a user.
    static let userPassword = CatalogueOperation(
        "user.password",
        .modify,
        "Gives a user a password, by itself or by its hash; a locked user is unlocked by a new one.",
        parameters: .parameters(
            [
                "name": UserParameters.name("The user."),
                "password": .secret("The password; hashed on the host by the method that it prefers.", maximum: 255),
                "hash": .secret("The hash of the password, in a form of crypt(5) that the host knows.", maximum: 255),
            ],
            required: ["name"]
        ),
        result: UserParameters.result(),
        examples: [
            OperationExample("Give root a password", ["name": "root", "password": "correct horse battery staple"])
        ],
        rules: { data, pointer in
            guard (data["password"] == nil) != (data["hash"] == nil) else {
                return [Fault(pointer: pointer, detail: "must have either password or hash")]
            }
            if let text = data["password"]?.string,
                text.isEmpty || text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
            {
                return [Fault(pointer: "\(pointer)/password", detail: "must not be empty, nor have control characters")]
            }
            if let hash = data["hash"]?.string, !isHash(hash) {
                return [Fault(pointer: "\(pointer)/hash", detail: "must be a hash of crypt(5) that begins with '$'")]
            }
            return []
        }
    )

    /// Whether a text can be a hash in `/etc/shadow`, and only that.
    private static func isHash(_ text: String) -> Bool {
        text.hasPrefix("$") && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
    }
}
