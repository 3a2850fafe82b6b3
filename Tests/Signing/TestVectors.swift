// SPDX-License-Identifier: Apache-2.0

/// What docs/wire-protocol.md says that bytes come to.
enum TestVectors {
    static let seed: [UInt8] = [
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
        0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
    ]
    static let keyID = "21fe31dfa154a261"
    static let signature =
        "b363b29635f822ed20989b436b55433205eb8d377f300165b31480f4ad3b4938"
        + "42359cdb53e1239fc40bf56cb15edf300ed28418942edbd3744a79ab0180f00e"
    static let roots = [
        "3c40e28cd8c39d0cbae34e42c3f5c584e1d253deba594335d844e9e8651637ff",
        "eda0c83adf4120579e6973025a80ac15ecf0e60cd8321df6b8ce6e51fdbf0ffc",
        "3577cdbac75cf36c9a69c77732304c15bb439dfcf870f70d0a391f84372e8714",
    ]
}

extension [UInt8] {
    /// The bytes in hexadecimal digits.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
