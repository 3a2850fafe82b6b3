// SPDX-License-Identifier: Apache-2.0

import CNNG

/// What a socket does when pipes come and go.
///
/// nng holds a plain pointer to it, so the socket keeps it until it is closed.
final class PipeHandlers: Sendable {
    private let adding: @Sendable (Pipe) -> PipeAdmission
    private let added: @Sendable (Pipe) -> Void
    private let removed: @Sendable (Pipe) -> Void

    /// Keeps the handlers; nothing is called before `register`.
    init(
        adding: @escaping @Sendable (Pipe) -> PipeAdmission,
        added: @escaping @Sendable (Pipe) -> Void,
        removed: @escaping @Sendable (Pipe) -> Void
    ) {
        self.adding = adding
        self.added = added
        self.removed = removed
    }

    /// Makes nng call the handlers from now on; the caller keeps the object until the socket is closed.
    ///
    /// - Parameter socket: whose pipes to follow.
    /// - Returns: nng's result.
    func register(with socket: nng_socket) -> Int32 {
        // SAFETY: `nng_close` returns only after the last callback, and the socket lets go of the object after that.
        let pointer = unsafe Unmanaged.passUnretained(self).toOpaque()
        for event in [NNG_PIPE_EV_ADD_PRE, NNG_PIPE_EV_ADD_POST, NNG_PIPE_EV_REM_POST] {
            let result = unsafe nng_pipe_notify(socket, event, pipeChanged, pointer)
            guard result == 0 else { return result }
        }
        return 0
    }

    fileprivate func handle(_ event: nng_pipe_ev, _ pipe: Pipe) {
        switch event {
        case NNG_PIPE_EV_ADD_PRE: if adding(pipe) == .reject { pipe.close() }
        case NNG_PIPE_EV_ADD_POST: added(pipe)
        case NNG_PIPE_EV_REM_POST: removed(pipe)
        default: break
        }
    }
}

private func pipeChanged(_ pipe: nng_pipe, _ event: nng_pipe_ev, _ argument: UnsafeMutableRawPointer?) {
    guard let argument = unsafe argument else { return }
    // SAFETY: see `register`; not retained by nng, so nothing is released here.
    let handlers = unsafe Unmanaged<PipeHandlers>.fromOpaque(argument).takeUnretainedValue()
    handlers.handle(event, Pipe(id: PipeID(rawValue: pipe.id)))
}
