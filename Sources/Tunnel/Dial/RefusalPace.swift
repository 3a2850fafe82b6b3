// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// How seldom a controller that refuses our certificate is dialled: the pauses double from refusal to refusal.
///
/// It goes on being dialled, since the refusal may be taken back there; new certificate files are tried at once.
struct RefusalPace: Sendable {
    private let pauses: ClosedRange<Duration>
    private var pause: Duration
    private var dialled: TLSFiles.Version?
    /// The files that were refused, and until when they are not shown again.
    private var refused: (files: TLSFiles.Version?, until: NIODeadline)?

    /// Pauses from the first one to the longest, each shortened at random by up to a half.
    init(pauses: ClosedRange<Duration>) {
        self.pauses = pauses
        pause = pauses.lowerBound
    }

    /// Whether to dial now, with these files; if so, an outcome follows.
    mutating func mayDial(with files: TLSFiles.Version, now: NIODeadline) -> Bool {
        if let refused, refused.files == files, now < refused.until { return false }
        if let refused, refused.files != files { reset() }
        dialled = files
        return true
    }

    /// What was dialled last refuses our certificate.
    ///
    /// - Parameters:
    ///   - random: from 0 up to 1.
    ///   - now: the time.
    mutating func refused(random: Double, now: NIODeadline) {
        refused = (dialled, now + TimeAmount(pause * (1 - random / 2)))
        pause = min(pause * 2, pauses.upperBound)
    }

    /// Begins anew, after the controller has let us through.
    mutating func reset() {
        refused = nil
        pause = pauses.lowerBound
    }
}
