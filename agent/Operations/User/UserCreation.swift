// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A user that is made as a whole, or not at all.
struct UserCreation: Sendable {
    let name: String
    /// What useradd is told.
    let options: [String]
    /// What usermod is told then, since useradd does not take it; empty for nothing.
    let laterOptions: [String]
    /// The home that was asked for; nil for the usual one.
    let home: String?

    /// Makes it.
    ///
    /// - Throws: ``OperationError``; then there is nothing of the user, or `changed` says what is known of it.
    func make(in context: OperationContext) async throws(OperationError) {
        let before = try Accounts.read()
        var newHome: String?
        if let place = try await expectedHome(in: context), try FileState(at: place) == nil { newHome = place }
        do throws(OperationError) {
            try await add(before, newHome, context)
            if !laterOptions.isEmpty { try await complete(before, newHome, context) }
        } catch {
            var error = error
            if error.changed == false, let newHome, (try? FileState(at: newHome)) != nil { error.changed = true }
            throw error
        }
    }

    private func add(
        _ before: Accounts,
        _ newHome: String?,
        _ context: OperationContext
    ) async throws(OperationError) {
        // Ended in the middle, useradd would leave a user of whom nobody knows whose it is. It takes no longer than to
        // copy what is in every new home.
        let made: Result<Void, OperationError> = await context.shielded { context in
            do throws(OperationError) {
                try await context.accountTool(["useradd"] + options + [name]) { result, context in
                    if AccountToolExit.hasWritten(result) { await undo(before, newHome, context) }
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try made.get()
    }

    private func complete(
        _ before: Accounts,
        _ newHome: String?,
        _ context: OperationContext
    ) async throws(OperationError) {
        do throws(OperationError) {
            try await context.accountTool(["usermod"] + laterOptions + [name])
        } catch {
            await context.shielded { await undo(before, newHome, $0) }
            var error = error
            error.changed = (try? Accounts.read()).map { $0.differs(from: before) }
            throw error
        }
    }

    /// Where useradd will make the home; nil where it does not tell.
    private func expectedHome(in context: OperationContext) async throws(OperationError) -> String? {
        if let home { return home }
        let defaults = try await context.tool(["useradd", "-D"], ok: nil)
        return defaults.lines.first { $0.hasPrefix("HOME=") }.map { "\($0.dropFirst("HOME=".count))/\(name)" }
    }

    /// Takes away the user and what came with it.
    ///
    /// - Parameters:
    ///   - before: the accounts without it.
    ///   - newHome: a home that was not there before.
    ///   - context: outlives the run.
    private func undo(_ before: Accounts, _ newHome: String?, _ context: OperationContext) async {
        guard before.user(name) == nil, let user = (try? Accounts.read())?.user(name) else { return }
        let removal = user.home == newHome ? ["--remove"] : []
        _ = try? await context.tool(["userdel"] + removal + [name], ok: nil)
        // userdel takes a group of the user's name for its own.
        guard let group = before.group(name), (try? Accounts.read())?.group(name) == nil else { return }
        _ = try? await context.tool(["groupadd", "--gid=\(group.gid)", name], ok: nil)
    }
}
