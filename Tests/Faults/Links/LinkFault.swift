// SPDX-License-Identifier: Apache-2.0

import Randomness

/// Which way bytes go through a link.
enum LinkDirection: String, CaseIterable, Sendable {
    /// From the agent.
    case toController
    /// To the agent.
    case toAgent
}

/// What is wrong with a link.
enum LinkFault: Hashable, Sendable, CustomStringConvertible {
    /// Nothing.
    case none
    /// Bytes come late.
    case delay(milliseconds: Int)
    /// Connections are accepted, and nothing comes through until the link is healed; then it comes late.
    case blackHole
    /// Nothing comes through in one direction until the link is healed; then it comes late.
    case hold(LinkDirection)
    /// What goes in one direction is lost for ever.
    case discard(LinkDirection)
    /// Bytes come one at a time.
    case dribble
    /// Whoever dials is reset.
    case refuse

    var description: String {
        switch self {
        case .none: "none"
        case .delay(let milliseconds): "delay of \(milliseconds) ms"
        case .blackHole: "black hole"
        case .hold(let direction): "hold \(direction.rawValue)"
        case .discard(let direction): "discard \(direction.rawValue)"
        case .dribble: "dribble"
        case .refuse: "refuse"
        }
    }

    /// Whether bytes in this direction have to wait.
    func holds(_ direction: LinkDirection) -> Bool { self == .blackHole || self == .hold(direction) }

    /// A fault drawn at random.
    static func random(using generator: inout SeededGenerator) -> LinkFault {
        let direction = LinkDirection.allCases.randomElement(using: &generator) ?? .toAgent
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .delay(milliseconds: .random(in: 20...800, using: &generator))
        case 1: return .blackHole
        case 2: return .hold(direction)
        case 3: return .discard(direction)
        case 4: return .dribble
        default: return .refuse
        }
    }
}
