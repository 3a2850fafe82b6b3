// SPDX-License-Identifier: Apache-2.0

import Credentials
import SwiftASN1
import X509

extension CertificateAuthority {
    /// Whether a certificate can be issued for a host of this name.
    package static func isHostname(_ name: String) -> Bool {
        !name.hasPrefix("*") && (try? SubjectNames.checkHostname(name)) != nil
    }
}

/// Turns what people type as the names of a host into the entries of a certificate.
enum SubjectNames {
    /// An IP address becomes an address entry and anything else a DNS entry: TLS clients never match one as the other.
    static func entries(for names: [String]) throws(AuthorityError) -> [GeneralName] {
        guard !names.isEmpty else { throw AuthorityError(.invalidName, "a certificate needs at least one name") }
        var entries: [GeneralName] = []
        for name in names {
            if let address = IPAddressText.bytes(name) {
                entries.append(.ipAddress(ASN1OctetString(contentBytes: address[...])))
            } else {
                try checkHostname(name)
                entries.append(.dnsName(name))
            }
        }
        return entries
    }

    /// Accepts what DNS and real hosts use: letters, digits, `-`, `_` and dots, with an optional leading `*.` label.
    static func checkHostname(_ name: String) throws(AuthorityError) {
        let labels = (name.hasPrefix("*.") ? name.dropFirst(2) : Substring(name))
            .split(separator: ".", omittingEmptySubsequences: false)
        let wellFormed = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
        guard wellFormed, name.utf8.count <= 253 else {
            throw AuthorityError(.invalidName, "\"\(name)\" is neither a host name nor an IP address")
        }
    }
}
