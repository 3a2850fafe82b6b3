// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Jobs

/// The parts of orders that are signed.
package enum OrderContent {
    /// The bytes of an order to cancel, the same for all agents of the job.
    package static func bytes(of order: CancelOrder) -> Data {
        var message = PBCancel()
        message.jobID = jobIDBytes(order.jobID)
        if let grace = order.grace { message.graceMs = UInt64(max(0, grace.wholeMilliseconds)) }
        message.requestedBy = order.requestedBy ?? ""
        return serialisedData(message)
    }

    /// The bytes of a go-ahead, which names its agent: another one that has the run as well must not begin it.
    package static func bytes(of order: GoOrder, for agent: AgentID) -> Data {
        var message = PBGo()
        message.jobID = jobIDBytes(order.jobID)
        message.agentID = agent.text
        return serialisedData(message)
    }

    /// Reads an order to cancel.
    ///
    /// - Throws: ``WireError``; never traps, whatever the bytes are.
    package static func cancel(_ bytes: Data, delivery: UInt64) throws(WireError) -> CancelOrder {
        let message: PBCancel = try parse(Array(bytes))
        try check(message.requestedBy, 0...WireLimits.identifier, "requested_by")
        return CancelOrder(
            jobID: try jobID(message.jobID),
            delivery: delivery,
            grace: message.hasGraceMs ? .milliseconds(Int64(clamping: message.graceMs)) : nil,
            requestedBy: message.requestedBy.isEmpty ? nil : message.requestedBy
        )
    }

    /// Reads a go-ahead, and for whom it is.
    ///
    /// - Throws: ``WireError``; never traps, whatever the bytes are.
    package static func go(_ bytes: Data, delivery: UInt64) throws(WireError) -> GoAhead {
        let message: PBGo = try parse(Array(bytes))
        let order = GoOrder(jobID: try jobID(message.jobID), delivery: delivery)
        return GoAhead(order: order, agent: AgentID(message.agentID))
    }
}

/// A go-ahead, and for whom it is.
package struct GoAhead: Hashable, Sendable {
    /// The order.
    package let order: GoOrder
    /// The only agent that may follow it.
    package let agent: AgentID
}
