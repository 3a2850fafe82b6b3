// SPDX-License-Identifier: Apache-2.0

import JobDispatch

extension Requester {
    static let ann = Requester(name: "ann")
    static let bob = Requester(name: "bob")
    static let nobody = Requester(name: nil)
}
