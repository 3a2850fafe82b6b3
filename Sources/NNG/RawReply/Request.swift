// SPDX-License-Identifier: Apache-2.0

/// A request as a raw socket received it; can be answered at any time, or never.
package struct Request: Hashable, Sendable {
    /// What to answer it by.
    package let address: ReplyAddress
    /// What the peer sent: not to be trusted.
    package let body: [UInt8]

    /// The connection it came by.
    package var pipe: PipeID { address.pipe }
}

/// The way back to one request: its connection, and the request within it.
///
/// Holds no resource, so that any number can be kept; an answer to a connection that is gone is dropped by nng.
package struct ReplyAddress: Hashable, Sendable {
    /// The connection.
    package let pipe: PipeID
    // What the devices between here and the peer have added; empty without any, so that it costs no memory.
    private let hops: [UInt32]
    private let request: UInt32

    /// Reads the header of a received message: the pipe's id, the ids that devices on the way have added, and the
    /// request's id, 4 bytes each in network order.
    ///
    /// - Parameter header: what nng made of it.
    init?(header: some Collection<UInt8>) {
        guard header.count >= 8, header.count.isMultiple(of: 4) else { return nil }
        var words: [UInt32] = []
        words.reserveCapacity(header.count / 4)
        var word: UInt32 = 0
        for (index, byte) in header.enumerated() {
            word = word << 8 | UInt32(byte)
            if index % 4 == 3 { words.append(word) }
        }
        guard let first = words.first, let last = words.last else { return nil }
        pipe = PipeID(rawValue: first)
        hops = Array(words[1..<(words.count - 1)])
        request = last
    }

    /// Writes the header of the answer.
    func append(to message: borrowing Message) throws(NNGError) {
        try message.appendToHeader(pipe.rawValue)
        for hop in hops { try message.appendToHeader(hop) }
        try message.appendToHeader(request)
    }
}

/// An answer, and the request that it is for.
package struct Reply: Hashable, Sendable {
    /// Which request.
    package let address: ReplyAddress
    /// What to send; the same array in many replies is copied only as each is sent.
    package let body: [UInt8]

    /// Makes an answer.
    ///
    /// - Parameters:
    ///   - address: which request.
    ///   - body: what to send.
    package init(to address: ReplyAddress, body: [UInt8]) {
        self.address = address
        self.body = body
    }
}
