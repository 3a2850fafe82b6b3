// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle

/// Does the work of a service until it is told to stop, which cancels the work.
///
/// That the work is cut short then is no failure: a store that is asked at that moment throws `CancellationError`, and with
/// that the service would seem to have failed, the others would be cancelled, and the program would end with 1.
///
/// - Parameter work: what goes on until it is cancelled; its return ends the service.
/// - Throws: what `work` throws, but for the `CancellationError` of being told to stop or of being cancelled.
package func untilGracefulShutdown(_ work: @escaping @Sendable () async throws -> Void) async throws {
    do {
        try await cancelWhenGracefulShutdown(work)
    } catch is CancellationError where Task.isShuttingDownGracefully || Task.isCancelled {
        return
    }
}
