// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension JobRequest {
    /// The most bytes of a submission that a controller takes.
    package static let largestBody = 2 * 1024 * 1024

    /// Makes sure that a controller takes a submission of this size.
    ///
    /// - Parameter option: the option with the most to say, to be named; nil for none.
    /// - Throws: ``UsageError`` for a submission that is too large.
    package func checkSize(blame option: String?) throws(UsageError) {
        // A value that cannot be encoded is found out when it is sent.
        guard let size = (try? JSON.encode(self))?.count, size > Self.largestBody else { return }
        throw UsageError(
            (option.map { "\($0): " } ?? "") + "the job has \(size) bytes as JSON, where a line break or a quote takes "
                + "two, and the controller takes at most \(Self.largestBody)"
        )
    }
}
