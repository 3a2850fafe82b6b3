// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Where the link finds outputs that the controller asks for; an agent that keeps none has none of this.
package struct OutputExchange: Sendable {
    /// An output that is open to be read.
    package struct Output: Sendable {
        /// How many bytes there are.
        package let size: Int
        /// Bytes from a place on; fewer than wanted only where they cannot be read.
        package let read: @Sendable (_ offset: Int, _ count: Int) -> [UInt8]

        /// Makes an output of its parts.
        package init(size: Int, read: @escaping @Sendable (_ offset: Int, _ count: Int) -> [UInt8]) {
            self.size = size
            self.read = read
        }
    }

    /// Opens an output; nil where there is none, or no more.
    package let open: @Sendable (_ stream: RunOutput.Stream, _ jobID: JobID, _ attempt: Int) -> Output?

    /// What a run writes that goes on.
    package struct Live: Sendable {
        /// What was written to an output behind a place, at most so many bytes: where they begin, and the bytes.
        package let news: @Sendable (_ stream: RunOutput.Stream, _ place: Int, _ limit: Int) -> (Int, [UInt8])
        /// Whether nothing more is written.
        package let isOver: @Sendable () -> Bool

        /// Makes a value of its parts.
        package init(
            news: @escaping @Sendable (_ stream: RunOutput.Stream, _ place: Int, _ limit: Int) -> (Int, [UInt8]),
            isOver: @escaping @Sendable () -> Bool
        ) {
            self.news = news
            self.isOver = isOver
        }
    }

    /// Finds a run that goes on; nil where it has ended, or was never here.
    package let follow: @Sendable (_ jobID: JobID, _ attempt: Int) async -> Live?

    /// Makes an exchange of its parts.
    package init(
        open: @escaping @Sendable (_ stream: RunOutput.Stream, _ jobID: JobID, _ attempt: Int) -> Output?,
        follow: @escaping @Sendable (_ jobID: JobID, _ attempt: Int) async -> Live? = { _, _ in nil }
    ) {
        self.open = open
        self.follow = follow
    }
}
