// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
package import X509

extension Certificate.PublicKey {
    /// The SHA-256 of the key as certificates carry it (DER SubjectPublicKeyInfo), 64 lower-case hexadecimal digits.
    package var fingerprint: String {
        var serializer = DER.Serializer()
        // A key that was read or made always encodes.
        try? serializer.serialize(self)
        return Fingerprint.of(serializer.serializedBytes)
    }
}
