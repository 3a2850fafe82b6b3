// SPDX-License-Identifier: Apache-2.0

/// How the wall clock of a machine stands to the time since it was started.
///
/// The time since the start never jumps. So two anchors of one boot tell by how much the wall clock was set in between,
/// also across restarts of a program.
public struct ClockAnchor: Hashable, Sendable {
    /// Smaller differences come from reading two clocks one after the other, and from a clock that is being slewed.
    public static let tolerance = Duration.seconds(1)

    /// The kernel's name for this start of the machine.
    public let bootID: String
    /// The wall clock less the time since the start, in milliseconds.
    public let offset: Int64

    /// Makes an anchor of its parts.
    public init(bootID: String, offset: Int64) {
        self.bootID = bootID
        self.offset = offset
    }

    /// By how much the wall clock was set since `old`; zero where that cannot be known, as after the machine was started
    /// anew, or where it is too little to matter.
    public func shift(since old: ClockAnchor?) -> Duration {
        guard let old, old.bootID == bootID else { return .zero }
        let shift = Duration.milliseconds(offset - old.offset)
        return shift >= Self.tolerance || shift <= .zero - Self.tolerance ? shift : .zero
    }
}
