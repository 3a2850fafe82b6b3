// SPDX-License-Identifier: Apache-2.0

extension Socket {
    /// How a socket behaves; fixed when it is opened.
    package struct Options: Hashable, Sendable {
        /// The largest message accepted, in bytes with nng's own header; a peer that sends more is disconnected.
        ///
        /// nng's default is no limit, so this is always applied.
        package var receiveMaximum: Int
        /// How many received messages nng keeps on a raw socket, 0 to 8192; nil for nng's default.
        package var receiveBuffer: Int?
        /// How many messages to send nng keeps on a raw socket, 0 to 8192; nil for nng's default.
        package var sendBuffer: Int?
        /// After what time REQ sends a request again that has not been answered; nil for never.
        ///
        /// With a time, a request also survives the loss of its connection: it is sent again on the next one. With nil
        /// the loss ends the request with `connectionReset`.
        package var requestResendInterval: Duration?
        /// The first pause of a dialer before it tries again.
        package var reconnectMinimum: Duration
        /// The longest pause of a dialer; the pauses double until there.
        package var reconnectMaximum: Duration
        /// Lets the system probe connections that are silent.
        package var tcpKeepAlive: Bool
        /// Sends each message at once, in place of waiting to fill a packet.
        package var tcpNoDelay: Bool

        /// Options that fit request and reply; each can be changed.
        ///
        /// - Parameters:
        ///   - receiveMaximum: the largest message accepted, in bytes.
        ///   - receiveBuffer: how many received messages nng keeps.
        ///   - sendBuffer: how many messages to send nng keeps.
        ///   - requestResendInterval: after what time REQ sends again; nil for never.
        ///   - reconnectMinimum: the first pause of a dialer.
        ///   - reconnectMaximum: the longest pause of a dialer.
        ///   - tcpKeepAlive: probes silent connections.
        ///   - tcpNoDelay: sends at once.
        package init(
            receiveMaximum: Int = 4 * 1024 * 1024,
            receiveBuffer: Int? = nil,
            sendBuffer: Int? = nil,
            requestResendInterval: Duration? = .seconds(60),
            reconnectMinimum: Duration = .milliseconds(100),
            reconnectMaximum: Duration = .seconds(10),
            tcpKeepAlive: Bool = true,
            tcpNoDelay: Bool = true
        ) {
            self.receiveMaximum = receiveMaximum
            self.receiveBuffer = receiveBuffer
            self.sendBuffer = sendBuffer
            self.requestResendInterval = requestResendInterval
            self.reconnectMinimum = reconnectMinimum
            self.reconnectMaximum = reconnectMaximum
            self.tcpKeepAlive = tcpKeepAlive
            self.tcpNoDelay = tcpNoDelay
        }

        /// For a raw socket with many peers: some room in nng, so that its threads seldom wait for each other.
        package static let manyPeers = Options(receiveBuffer: 128, sendBuffer: 1024)
    }
}
