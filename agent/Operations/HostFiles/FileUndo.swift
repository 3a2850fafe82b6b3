// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A file as it was before a change, to be put back where a later step of the same work fails.
package struct FileUndo: Sendable {
    /// The file.
    package var path: String { place.path }
    private let place: FilePlace
    private let content: [UInt8]?
    private let state: FileState?
    /// Where it leads, if it is a link.
    private let destination: String?

    /// Remembers the file, or the link, at `path`, or that there is none.
    ///
    /// - Throws: ``OperationError`` where it cannot be read.
    package init(_ path: String) throws(OperationError) {
        place = try FilePlace(path)
        state = try place.state()
        destination = state?.kind == .link ? HostLink.destination(of: path) : nil
        content = state?.kind == .file ? try place.file()?.bytes(limit: HostFile.editableBytes) : nil
    }

    /// Puts it back.
    ///
    /// - Throws: ``OperationError``; then the file is as the work left it.
    func putBack(in context: OperationContext) async throws(OperationError) {
        if let destination { return try HostLink.put(path, to: destination) }
        guard let content, let state else {
            guard unlink(path) == 0 || errno == ENOENT else { throw .system("cannot remove '\(path)'", errno) }
            return
        }
        if try place.state()?.kind == .link { place.directory.discard(place.name) }
        var file = FileReplacement(at: place, .bytes(content))
        (file.mode, file.uid, file.gid) = (state.mode, state.uid, state.gid)
        try await file.write(in: context)
    }
}

extension OperationContext {
    /// Does something in several steps, and takes all of them back where one fails.
    ///
    /// - Parameters:
    ///   - files: the files that the steps change, as they were before.
    ///   - more: takes back what is no file, after the files; is given a context that the end of the run does not end.
    ///   - steps: what is to be done.
    /// - Returns: what `steps` returns.
    /// - Throws: the error of the steps, whose `changed` is false where all was taken back; where not, true if what takes
    ///   it back says so, else nil.
    func undoing<Value: Sendable>(
        _ files: [FileUndo],
        and more: @escaping @Sendable (OperationContext) async throws -> Void = { _ in },
        _ steps: @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await steps()
        } catch {
            var failure = error as? OperationError ?? OperationError("internal_error", "\(error)")
            failure.changed = false
            let undone: Result<Void, any Error> = await shielded { context in
                do {
                    for file in files.reversed() { try await file.putBack(in: context) }
                    return .success(try await more(context))
                } catch {
                    return .failure(error)
                }
            }
            if case .failure(let error) = undone {
                let reason = (error as? OperationError)?.message ?? "\(error)"
                failure = failure.adding("; what was done could not be taken back: \(reason)")
                failure.changed = (error as? OperationError)?.changed == true ? true : nil
            }
            throw failure
        }
    }

    /// Does what the end of the run must not end: taking a change back, or a step that must not be done by halves.
    ///
    /// - Parameter work: is given a context that has half a minute at least, and is not cancelled with the run.
    /// - Returns: what `work` returns.
    func shielded<Value: Sendable>(
        _ work: @escaping @Sendable (OperationContext) async -> Value
    ) async -> Value {
        let context = forUndoing
        // Shield: what has ended the run has cancelled its task as well.
        return await Task { await work(context) }.value
    }

    /// The context of what takes a change back: with half a minute at least, and not cancelled with the run.
    private var forUndoing: OperationContext {
        var context = self
        context.cancellation = RunCancellation()
        context.deadline = max(deadline, .now + .seconds(30))
        return context
    }
}

extension OperationError {
    /// The error with more to say.
    func adding(_ more: String) -> OperationError {
        var error = OperationError(code, message + more, changed: changed, data: data)
        error.state = state
        return error
    }

    /// The error with other words for something in its message.
    func replacing(_ text: String, with other: String) -> OperationError {
        var error = OperationError(code, message.replacing(text, with: other), changed: changed, data: data)
        error.state = state
        return error
    }

    /// The run was ended on request.
    static func cancelled(changed: Bool? = nil) -> OperationError {
        var error = OperationError("cancelled", "ended on request", changed: changed)
        error.state = .cancelled
        return error
    }
}
