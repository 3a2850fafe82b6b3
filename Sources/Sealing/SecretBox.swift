// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
package import Jobs

/// A text that only some agents can read, as a JSON value.
///
/// ```json
/// {"$sealed": {"box": "nonce, text and tag in base64", "keys": {"AGENT ID": "encapsulated and sealed key in base64"}}}
/// ```
///
/// The text is encrypted once with a fresh key (ChaCha20-Poly1305, RFC 8439), and the key sealed to each agent by HPKE (RFC
/// 9180: base mode, X25519, HKDF-SHA256, ChaCha20-Poly1305). Both are bound to what the text is for, and the sealed key to its
/// agent. Who sealed it is not said by it: that is what the signature of the job is for.
package enum SecretBox {
    /// Seals a text.
    ///
    /// - Parameters:
    ///   - text: the secret.
    ///   - purpose: what it is for; it can be opened for nothing else.
    ///   - recipients: who can read it.
    /// - Returns: the value to store and to deliver.
    /// - Throws: ``SealingError``.
    package static func seal(
        _ text: String,
        for purpose: String,
        to recipients: [AgentID: SealingPublicKey]
    ) throws(SealingError) -> JSONValue {
        let key = SymmetricKey(size: .bits256)
        do {
            let box = try ChaChaPoly.seal(Data(text.utf8), using: key, authenticating: context(purpose)).combined
            var keys: [String: JSONValue] = [:]
            for (agent, recipient) in recipients {
                var sender = try HPKE.Sender(
                    recipientKey: recipient.key,
                    ciphersuite: .Curve25519_SHA256_ChachaPoly,
                    info: context(purpose, of: agent)
                )
                let sealed = try sender.seal(key.withUnsafeBytes { Data($0) })
                keys[agent.text] = .string((sender.encapsulatedKey + sealed).base64EncodedString())
            }
            return [JSONValue.sealedMember: ["box": .string(box.base64EncodedString()), "keys": .object(keys)]]
        } catch {
            throw SealingError(.notSealed, "a secret cannot be sealed: \(error)")
        }
    }

    /// Opens a sealed text.
    ///
    /// - Parameters:
    ///   - value: what was sealed.
    ///   - purpose: what it is for.
    ///   - agent: who opens it.
    ///   - key: the agent's key.
    /// - Returns: the secret.
    /// - Throws: ``SealingError``; never traps, whatever the value is.
    package static func open(
        _ value: JSONValue,
        for purpose: String,
        by agent: AgentID,
        with key: SealingKey
    ) throws(SealingError) -> String {
        guard value.isSealed, let sealed = value[JSONValue.sealedMember],
            let box = sealed["box"]?.string.flatMap({ Data(base64Encoded: $0) }), let keys = sealed["keys"]?.object
        else { throw SealingError(.malformed, "a secret is not sealed as it should be") }
        guard let own = keys[agent.text]?.string.flatMap({ Data(base64Encoded: $0) }), own.count > encapsulatedBytes
        else { throw SealingError(.notForThisAgent, "a secret is not sealed to this agent") }
        do {
            var recipient = try HPKE.Recipient(
                privateKey: key.key,
                ciphersuite: .Curve25519_SHA256_ChachaPoly,
                info: context(purpose, of: agent),
                encapsulatedKey: own.prefix(encapsulatedBytes)
            )
            let content = SymmetricKey(data: try recipient.open(own.dropFirst(encapsulatedBytes)))
            let opened = try ChaChaPoly.open(
                ChaChaPoly.SealedBox(combined: box),
                using: content,
                authenticating: context(purpose)
            )
            return String(decoding: opened, as: UTF8.self)
        } catch {
            throw SealingError(.cannotBeOpened, "a secret cannot be opened with this agent's key")
        }
    }

    private static let encapsulatedBytes = 32

    private static func context(_ purpose: String) -> Data {
        Data("broker secret v1\u{0}\(purpose)".utf8)
    }

    private static func context(_ purpose: String, of agent: AgentID) -> Data {
        Data("broker secret v1\u{0}\(purpose)\u{0}\(agent.text)".utf8)
    }
}
