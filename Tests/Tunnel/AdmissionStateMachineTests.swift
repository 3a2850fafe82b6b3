// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Tunnel

/// Compares what a mutating call has returned, which the macro itself cannot make.
private func expect<Value: Equatable>(
    _ value: Value,
    is expected: Value,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, sourceLocation: sourceLocation)
}

struct AdmissionStateMachineTests {
    @Test func `asks for one connection at a time`() {
        var machine = AdmissionStateMachine(maximumConnections: 10, maximumHandshakes: 10)

        expect(machine.shouldAccept(), is: true)
        expect(machine.shouldAccept(), is: false)
        expect(machine.accepted(), is: .admit)
        expect(machine.shouldAccept(), is: true)
    }

    @Test func `asks for no more while all handshakes are taken`() {
        var machine = AdmissionStateMachine(maximumConnections: 10, maximumHandshakes: 1)
        _ = machine.shouldAccept()
        _ = machine.accepted()

        expect(machine.shouldAccept(), is: false)
        machine.handshakeEnded()
        expect(machine.shouldAccept(), is: true)
    }

    @Test func `asks again after an accept that failed`() {
        var machine = AdmissionStateMachine(maximumConnections: 10, maximumHandshakes: 10)
        _ = machine.shouldAccept()

        machine.acceptFailed()

        expect(machine.shouldAccept(), is: true)
    }

    @Test func `a connection for which no descriptors are left is refused, and the next one is asked for`() {
        var machine = AdmissionStateMachine(maximumConnections: 10, maximumHandshakes: 10)
        _ = machine.shouldAccept()

        expect(machine.accepted(hasFiles: false), is: .refuse)
        #expect(machine.open == 0 && machine.handshaking == 0)
        expect(machine.shouldAccept(), is: true)
    }

    @Test func `a refused connection takes no place`() {
        var machine = AdmissionStateMachine(maximumConnections: 1, maximumHandshakes: 5)
        _ = machine.shouldAccept()
        _ = machine.accepted()
        _ = machine.shouldAccept()

        expect(machine.accepted(), is: .refuse)
        #expect(machine.open == 1)
        #expect(machine.handshaking == 1)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func `holds its limits whatever happens, and is empty in the end`(seed: UInt64) {
        var machine = AdmissionStateMachine(maximumConnections: 7, maximumHandshakes: 3)
        var random = seed
        var asked = false
        var handshaking = 0
        var established = 0
        for _ in 0..<5000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            switch (random >> 33) % 4 {
            case 0: asked = machine.shouldAccept() || asked
            case 1 where asked:
                asked = false
                if machine.accepted() == .admit { handshaking += 1 }
            case 2 where handshaking > 0:
                machine.handshakeEnded()
                handshaking -= 1
                established += 1
            case 3 where established > 0:
                machine.closed()
                established -= 1
            default: break
            }
            #expect(machine.handshaking == handshaking && machine.handshaking <= 3)
            #expect(machine.open == handshaking + established && machine.open <= 7)
        }
    }
}

struct LinkStateMachineTests {
    @Test func `tells a failure once, however often it repeats`() {
        var machine = LinkStateMachine()

        expect(machine.failed(reason: "refused"), is: .unreachable(reason: "refused"))
        expect(machine.failed(reason: "refused"), is: nil)
        expect(machine.failed(reason: "not trusted"), is: .unreachable(reason: "not trusted"))
    }

    @Test func `a failed attempt beside a connection that stands changes nothing`() {
        var machine = LinkStateMachine()

        expect(machine.connected(), is: .connected)
        expect(machine.connected(), is: nil)
        expect(machine.failed(reason: "refused"), is: nil)
        expect(machine.closed(), is: nil)
        expect(machine.closed(), is: .idle)
    }
}

struct LocalOwnerTests {
    private let line =
        "   1: 0100007F:A1B2 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000 20"

    @Test func `finds the user behind a loopback connection`() {
        #expect(LocalOwner.userID(in: line, remotePort: 0xA1B2, localPort: 0x1F90) == 1000)
    }

    @Test(arguments: [(0xA1B3, 0x1F90), (0xA1B2, 0x1F91), (0x1F90, 0xA1B2)])
    func `does not take another connection for it`(remote: Int, local: Int) {
        #expect(LocalOwner.userID(in: line, remotePort: remote, localPort: local) == nil)
    }

    @Test func `a connection that is not from loopback has no owner here`() {
        let foreign = line.replacing("0100007F:A1B2", with: "0100000A:A1B2")

        #expect(LocalOwner.userID(in: foreign, remotePort: 0xA1B2, localPort: 0x1F90) == nil)
    }

    @Test(arguments: ["", "sl local_address rem_address st", "a b c d e f g h i", "::: ::: ::: 01"])
    func `a line of another shape is passed over`(line: String) {
        #expect(LocalOwner.userID(in: line, remotePort: 1, localPort: 2) == nil)
    }
}
