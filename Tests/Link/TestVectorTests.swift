// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Signing
import Testing
import Wire

/// What docs/wire-protocol.md says that is signed, to the byte; made there with protoc and another implementation of Ed25519.
struct TestVectorTests {
    private let key: JobKey
    private let jobID = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)
    private let agents = [
        "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210", "00112233445566778899aabbccddeeff",
    ].map { AgentID($0) }

    init() throws {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
        key = try JobKey(seed: seed.bytesOfDigits)
    }

    @Test func `an envelope`() throws {
        var policy = ExecutionPolicy()
        policy.isExclusive = true
        let tree = TargetTree(agents)
        let assignment = Assignment(
            jobID: jobID,
            attempt: 1,
            delivery: 7,
            operation: OperationRequest(type: "command.exec", data: ["argv": ["uptime"]]),
            startWithin: .seconds(3600),
            policy: policy,
            submittedBy: "ann",
            notBefore: Timestamp(milliseconds: 1_795_262_400_000),
            deadline: Timestamp(milliseconds: 1_795_266_000_000)
        )

        let bytes = Envelope(of: assignment, targetSize: 3, targetRoot: tree.root.bytes).bytes

        #expect(
            bytes.digits
                == "0a100198c5a07d1e7b3a9c550f6f3d1f2a41120c636f6d6d616e642e657865631a137b2261726776"
                + "223a5b22757074696d65225d7d380148015203616e6e58808ce9ef9f346080e9c4f19f3468037220"
                + "3577cdbac75cf36c9a69c77732304c15bb439dfcf870f70d0a391f84372e8714"
        )
        #expect(
            try key.sign(bytes, as: .job).bytes.digits
                == "750797167d63d34bc815fed8172527ee5d834216d04c269651373b641e8c1613f9a2ca08b219dc0b"
                + "ee73e6e4cbc951d922441186b0f6da6f8e4a23e02169a006"
        )
    }

    @Test func `the proofs of three agents`() throws {
        let tree = TargetTree(agents)

        let places = try agents.map { try #require(tree.place(of: $0)) }

        #expect(places.map(\.index) == [0, 1, 2])
        let leaves = [
            "3c40e28cd8c39d0cbae34e42c3f5c584e1d253deba594335d844e9e8651637ff",
            "bd9e25107009660e8cf6a4ef777cf80f6d0b32b7c644ed8df2a9f6879b61388f",
            "f6c26d6d0b2e2388bdc028644b1f236bc7ea1e5713b95a33f6b1b2074897b855",
        ]
        let node = "eda0c83adf4120579e6973025a80ac15ecf0e60cd8321df6b8ce6e51fdbf0ffc"
        #expect(places.map(\.path.digits) == [leaves[1] + leaves[2], leaves[0] + leaves[2], node])
        #expect(tree.root.bytes.digits == "3577cdbac75cf36c9a69c77732304c15bb439dfcf870f70d0a391f84372e8714")
    }

    @Test func `orders`() throws {
        let order = CancelOrder(jobID: jobID, delivery: 8, grace: .seconds(2), requestedBy: "ann")
        let cancel = OrderContent.bytes(of: order)
        let go = OrderContent.bytes(of: GoOrder(jobID: jobID, delivery: 9), for: agents[0])

        #expect(cancel.digits == "0a100198c5a07d1e7b3a9c550f6f3d1f2a4110d00f1a03616e6e")
        #expect(
            try key.sign(cancel, as: .cancel).bytes.digits
                == "44e48a9b75a6108f791cc637a0cfac9fa13bac37c44af401d540a32b9ef36be10c219f692c332f67"
                + "a17f583d6790f4156b4c15de0ddad70cef712831ab65b706"
        )
        #expect(
            go.digits
                == "0a100198c5a07d1e7b3a9c550f6f3d1f2a4112203031323334353637383961626364656630313233"
                + "343536373839616263646566"
        )
        #expect(
            try key.sign(go, as: .go).bytes.digits
                == "32262bc43df85742ba01b4ce213f4872c1205e6e08230d492db5413b28ae20e4005ef5f36bb6db2c"
                + "8324c01a24c114844765ec5d40a97d1680eb88aa0d590e0d"
        )
    }

    @Test func `a set of job keys`() throws {
        let keys = try JobKeySet(version: 1, keys: [key.publicKey], signedBy: [key])

        #expect(
            keys.text == """
                version 1
                key 21fe31dfa154a261 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
                signature 21fe31dfa154a261 \
                AmtsyDXw1A4nt6wre9JKc1W2teKnOSELbAMFh2GNspZPYEGYt1QMaY9WPMHhfDaJlWEPwi9rELy52N0HH26EAw==

                """
        )
    }
}

extension Collection<UInt8> {
    /// The bytes in hexadecimal digits.
    fileprivate var digits: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension String {
    /// The bytes that the text's hexadecimal digits are.
    fileprivate var bytesOfDigits: [UInt8] {
        let digits = Array(utf8).map { UInt8(String(UnicodeScalar($0)), radix: 16) ?? 0 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
