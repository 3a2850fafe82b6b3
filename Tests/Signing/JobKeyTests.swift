// SPDX-License-Identifier: Apache-2.0

import Signing
import Testing

struct JobKeyTests {
    @Test func `what a key signed counts for that content and that purpose only`() throws {
        let key = JobKey()
        let content: [UInt8] = [1, 2, 3]

        let signature = try key.sign(content, as: .job)

        #expect(key.publicKey.isSignature(signature, of: content, as: .job))
        for context in SigningContext.allCases where context != .job {
            #expect(!key.publicKey.isSignature(signature, of: content, as: context))
        }
        #expect(!key.publicKey.isSignature(signature, of: [1, 2, 4], as: .job))
        #expect(!JobKey().publicKey.isSignature(signature, of: content, as: .job))
        for byte in signature.bytes.indices {
            var bytes = signature.bytes
            bytes[byte] ^= 0x10
            let forged = JobSignature(keyID: signature.keyID, bytes: bytes)
            #expect(!key.publicKey.isSignature(forged, of: content, as: .job))
        }
        for bytes in [[], Array(signature.bytes.dropLast()), signature.bytes + [0]] {
            let forged = JobSignature(keyID: signature.keyID, bytes: bytes)
            #expect(!key.publicKey.isSignature(forged, of: content, as: .job))
        }
    }

    @Test func `a key is the same after it was stored`() throws {
        let key = JobKey()

        let again = try JobKey(seed: key.seed)

        #expect(again.publicKey == key.publicKey)
        #expect(try again.sign([7], as: .go) == (try key.sign([7], as: .go)))
        #expect(throws: SigningError.self) { try JobKey(seed: [1, 2, 3]) }
        #expect(throws: SigningError.self) { try JobPublicKey(bytes: [1, 2, 3]) }
    }

    /// RFC 8032, section 7.1, TEST 1 for the key; what is signed has the context before it.
    @Test func `keys, ids and signatures are those that are documented`() throws {
        let key = try JobKey(seed: TestVectors.seed)

        #expect(key.publicKey.bytes.hexadecimal == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        #expect(key.id == TestVectors.keyID)
        #expect(try key.sign(Array("content".utf8), as: .job).bytes.hexadecimal == TestVectors.signature)
    }
}
