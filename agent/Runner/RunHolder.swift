// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Who takes runs in from the controller and tells what became of them: what the link to the controller talks to.
///
/// ``Runner`` is the real one; ``SimulatedRunner`` stands for a host in a load test.
package protocol RunHolder: Sendable {
    /// The name of the memory behind it; another one than last time means that what was held is lost.
    var ledgerID: String { get }

    /// Up to where it holds what was delivered.
    var position: DeliveryPosition { get async throws }

    /// Takes deliveries in, and notes that the controller has some reports on its disk.
    ///
    /// When this returns the deliveries are held and may be acknowledged; when it throws, none of them may.
    ///
    /// Runs that are known are passed over, so that a delivery may come twice. Runs that are to be cancelled end, some time
    /// after this returns; runs that are refused have ended when it does. Cancellation of the task does not stop it.
    func accept(_ arrivals: [Arrival], confirming sequences: [Int64], storeID: String) async throws

    /// What is still to be told, in the order in which it happened; given again until it is confirmed.
    ///
    /// - Parameters:
    ///   - sequence: only those that come after it.
    ///   - limit: how many reports at most.
    ///   - maximumBytes: about how many bytes at most; the first report is given however large it is.
    /// - Returns: the first reports.
    /// - Throws: an error of its memory.
    func pendingReports(after sequence: Int64, limit: Int, maximumBytes: Int) async throws -> [RunReport]

    /// Notes that the controller has these reports on its disk.
    func confirm(_ sequences: [Int64]) async throws

    /// Notes that the controller knows of these orders that were refused; those that are not there are passed over.
    func confirmRefusedOrders(_ orders: [RefusedOrder]) async throws

    /// The runs that have no outcome yet; at most `limit`.
    func active(limit: Int) async throws -> [RunKey]

    /// Has `body` called whenever there may be something new to tell, and once at its beginning.
    ///
    /// - Parameter body: called on any thread; must return quickly.
    /// - Returns: what ends it when it goes.
    func onReport(_ body: @escaping @Sendable () -> Void) -> SignalListener
}

extension RunHolder {
    /// A stream with an element whenever there may be something new to tell, and one at its beginning.
    ///
    /// Elements that nobody has taken yet are one. Each caller has a stream of its own; it ends with its reader.
    package func reportSignals() -> AsyncStream<Void> {
        SignalListener.stream(listening: onReport)
    }
}
