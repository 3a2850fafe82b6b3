// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Outgoing

struct OutgoingPolicyTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fc00::1",
        "fdff::1", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "::127.0.0.1", "2001:db8::1", "", "localhost", "1.2.3", "fe80::1%lo",
    ])
    func `what is not on the public internet is not called`(address: String) {
        #expect(OutgoingPolicy().refusal(of: address) != nil)
    }

    @Test(arguments: [
        "1.1.1.1", "172.15.255.255", "172.32.0.0", "9.255.255.255", "11.0.0.0", "128.0.0.0", "100.63.255.255",
        "100.128.0.0", "223.255.255.255", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101",
    ])
    func `what is on the public internet is called`(address: String) {
        #expect(OutgoingPolicy().refusal(of: address) == nil)
    }

    @Test func `what is allowed is called, and its neighbours are not`() throws {
        let policy = OutgoingPolicy(
            allowed: try ["10.1.0.0/16", "fd00::/9", "192.168.7.7"].map { try #require(AddressRange($0)) }
        )

        for address in ["10.1.0.0", "10.1.255.255", "fd7f::1", "192.168.7.7", "::ffff:10.1.2.3"] {
            #expect(policy.refusal(of: address) == nil, "\(address)")
        }
        for address in ["10.2.0.0", "10.0.255.255", "fd80::1", "192.168.7.8", "127.0.0.1"] {
            #expect(policy.refusal(of: address) != nil, "\(address)")
        }
    }

    @Test(arguments: ["", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/x", "::/129", "host/8"])
    func `what is no range is not taken for one`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
