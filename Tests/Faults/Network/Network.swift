// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Synchronization

/// A controller's network namespace with a bridge in it, and a namespace for each host, connected to it by a veth pair.
///
/// All addresses are private to the namespaces; nothing of this machine's own network is touched.
final class Network: Sendable {
    /// The controller's namespace.
    let hub: NetworkNamespace
    let loss: PacketLoss
    private let hosts: [NetworkNamespace]
    private let doors = Mutex([FaultyLink]())

    private static let address = "10.77.0.1"

    /// Why there can be none here; nil where there can.
    static let problem: String? = {
        do {
            try Network(hosts: 1).end()
            return nil
        } catch {
            return "no network namespaces: \(error)"
        }
    }()

    /// Makes a network.
    ///
    /// - Throws: ``DeploymentError`` where the machine does not allow it.
    init(hosts count: Int) throws {
        NetworkNamespace.sweep()
        hub = try NetworkNamespace("hub")
        var made: [NetworkNamespace] = []
        do {
            try hub.configure("link", "add", "bridge", "type", "bridge")
            try hub.configure("address", "add", "\(Self.address)/16", "dev", "bridge")
            try hub.configure("link", "set", "bridge", "up")
            for number in 1...count {
                let host = try NetworkNamespace("\(number)")
                made.append(host)
                let veth = "veth\(number)"
                try hub.configure(
                    "link",
                    "add",
                    veth,
                    "type",
                    "veth",
                    "peer",
                    "name",
                    NetworkLink.device,
                    "netns",
                    host.name
                )
                try hub.configure("link", "set", veth, "master", "bridge", "up")
                try host.configure("address", "add", "10.77.1.\(number)/16", "dev", NetworkLink.device)
                try host.configure("link", "set", NetworkLink.device, "up")
            }
            loss = PacketLoss.available(in: made[0])
        } catch {
            for namespace in made + [hub] { namespace.end() }
            throw error
        }
        hosts = made
    }

    /// Where the programs of a deployment run: the controller in the hub, and its API reached from outside of it.
    var surroundings: Surroundings {
        var surroundings = Surroundings()
        surroundings.controllerPrefix = hub.prefix
        surroundings.agentsHost = Self.address
        surroundings.openHTTP = { port in
            let door = try FaultyLink(to: port, in: self.hub)
            self.doors.withLock { $0.append(door) }
            return door.port
        }
        return surroundings
    }

    /// The link of a host, counted from 1.
    func link(_ number: Int, to deployment: Deployment) -> NetworkLink {
        NetworkLink(
            host: hosts[number - 1],
            hub: hub,
            veth: "veth\(number)",
            address: "\(Self.address):\(deployment.agentsPort)",
            loss: loss
        )
    }

    /// Removes it.
    func end() {
        for door in doors.withLock({ $0 }) { door.close() }
        for namespace in hosts + [hub] { namespace.end() }
    }
}
