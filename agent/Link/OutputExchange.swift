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

    /// Makes an exchange of its parts.
    package init(open: @escaping @Sendable (_ stream: RunOutput.Stream, _ jobID: JobID, _ attempt: Int) -> Output?) {
        self.open = open
    }
}
