// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOPosix

/// How soon the kernel notices a peer that is gone without a word: after `idle` plus `probes` times `interval`.
package struct Keepalive: Sendable, Hashable {
    /// Silence before the first probe.
    package var idle: Duration = .seconds(60)
    /// Time between probes.
    package var interval: Duration = .seconds(15)
    /// Unanswered probes after which the connection is dropped.
    package var probes: Int = 4

    /// The defaults: a vanished peer is noticed within two minutes.
    package init() {}
}

/// The socket options both kinds of tunnel set on all their connections.
struct SocketTuning: Sendable {
    typealias IntegerOption = (option: ChannelOptions.Types.SocketOption, value: SocketOptionValue)

    /// Small reads: most messages are, and every connection keeps the buffers it has once needed.
    static let receiveBuffers = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 16_384)

    /// Limits what the kernel holds for us; when a peer closes, all of that is read at once, whoever is waiting.
    static let kernelReceiveBuffer: SocketOptionValue = 256 * 1024

    var integers: [IntegerOption]

    init(_ keepalive: Keepalive) {
        let idle = SocketOptionValue(keepalive.idle.components.seconds)
        let interval = SocketOptionValue(keepalive.interval.components.seconds)
        let probes = SocketOptionValue(keepalive.probes)
        integers = [
            (ChannelOptions.tcpOption(.tcp_nodelay), 1),
            (ChannelOptions.socketOption(.so_rcvbuf), Self.kernelReceiveBuffer),
            (ChannelOptions.socketOption(.so_keepalive), 1),
            (ChannelOptions.tcpOption(.init(rawValue: TCP_KEEPIDLE)), idle),
            (ChannelOptions.tcpOption(.init(rawValue: TCP_KEEPINTVL)), interval),
            (ChannelOptions.tcpOption(.init(rawValue: TCP_KEEPCNT)), probes),
            // Keepalive sends nothing while data waits for an acknowledgement; this bounds that wait alike.
            (ChannelOptions.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), (idle + interval * probes) * 1000),
        ]
    }
}

extension ServerBootstrap {
    /// Reads only on demand and lives on after the peer has sent its last byte: the relay decides both.
    func relayed(_ tuning: SocketTuning) -> ServerBootstrap {
        tuning.integers.reduce(self) { $0.childChannelOption($1.option, value: $1.value) }
            .childChannelOption(ChannelOptions.autoRead, value: false)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.recvAllocator, value: SocketTuning.receiveBuffers)
    }
}

extension ClientBootstrap {
    /// Reads only on demand and lives on after the peer has sent its last byte: the relay decides both.
    func relayed(_ tuning: SocketTuning) -> ClientBootstrap {
        tuning.integers.reduce(self) { $0.channelOption($1.option, value: $1.value) }
            .channelOption(ChannelOptions.autoRead, value: false)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelOption(ChannelOptions.recvAllocator, value: SocketTuning.receiveBuffers)
    }
}
