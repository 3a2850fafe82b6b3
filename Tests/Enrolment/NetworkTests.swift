// SPDX-License-Identifier: Apache-2.0

import Credentials
import Testing

struct NetworkTests {
    @Test(arguments: [
        ("10.0.0.7", "10.0.0.7"), ("::ffff:10.0.0.7", "10.0.0.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"), ("::1", "::/64"), ("unknown", "unknown"),
    ])
    func `addresses of one host count as one`(address: String, network: String) {
        #expect(IPAddressText.network(address) == network)
    }
}
