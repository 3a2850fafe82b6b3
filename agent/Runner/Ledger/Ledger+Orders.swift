// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension Ledger {
    /// Notes that the controller knows of these orders that were refused; those that are not there are passed over.
    ///
    /// - Throws: ``LedgerError``; then they will be told again.
    package func confirmRefusedOrders(_ orders: [RefusedOrder]) throws(LedgerError) {
        try use { (database) throws(LedgerError) in
            try database.transaction { () throws(LedgerError) in
                let known = try database.position().refusedOrders
                let left = known.filter { !orders.contains($0) }
                if left != known { try database.setRefusedOrders(left) }
            }
        }
    }
}

// The refused orders are a value of `meta` and not a table of their own: there are few, and an older agent, which may be
// put in the place of this one, opens the ledger all the same.
extension SQLite {
    /// The name of the value.
    static let refusedOrders = "refused_orders"

    /// Reads the value; what cannot be read was never to be told.
    static func refusedOrders(in text: String) -> [RefusedOrder] {
        (try? JSON.decode([RefusedOrder].self, from: text.utf8)) ?? []
    }

    /// Writes the value: the last few, so that nobody who sends orders can fill the disk.
    ///
    /// One that came twice is kept once, as it came last.
    func setRefusedOrders(_ orders: [RefusedOrder]) throws(LedgerError) {
        var kept: [RefusedOrder] = []
        for order in orders.reversed() where kept.count < Self.maximumRefusedOrders {
            if !kept.contains(where: { $0.delivery == order.delivery }) { kept.append(order.cut) }
        }
        let text: String
        do { text = String(decoding: try JSON.encode(Array(kept.reversed())), as: UTF8.self) } catch {
            throw LedgerError(code: .corrupt, message: "refused orders cannot be written: \(error)")
        }
        try setMeta(Self.refusedOrders, to: text)
    }

    /// How many are kept.
    private static let maximumRefusedOrders = 64
}

extension RefusedOrder {
    /// The same, with a message of a line.
    fileprivate var cut: RefusedOrder {
        let message = String(error.message.prefix(200))
        return RefusedOrder(jobID: jobID, delivery: delivery, error: RunError(code: error.code, message: message))
    }
}
