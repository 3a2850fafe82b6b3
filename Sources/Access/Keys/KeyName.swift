// SPDX-License-Identifier: Apache-2.0

/// The name of a key, which records show as who did it.
public enum KeyName {
    /// The longest name, in characters.
    public static let maximumLength = 64

    /// Checks a name.
    ///
    /// - Throws: ``AccessError`` `name` for anything but letters, digits and `-_.@`.
    public static func check(_ name: String) throws(AccessError) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-_.@".utf8.contains(byte)
            }
        }
        guard isPlain, (1...maximumLength).contains(name.utf8.count) else {
            throw AccessError(.name, "a name of a key is 1 to \(maximumLength) letters, digits and - _ . @")
        }
    }
}
