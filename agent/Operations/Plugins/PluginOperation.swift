// SPDX-License-Identifier: Apache-2.0

import Jobs
import LocalFiles

/// An operation that is an executable of the host.
///
/// `FILE describe` writes what it is. `FILE run` reads a request from its standard input and writes lines of JSON to its
/// standard output: any number of `{"progress": "…"}`, and at the end the answer. docs/plugins.md has the contract.
struct PluginOperation: Operation {
    let descriptor: OperationDescriptor
    private let file: String
    private let stamp: FileStamp

    /// Asks an executable what it is.
    ///
    /// - Parameters:
    ///   - file: the executable, by its absolute path.
    ///   - stamp: how it was found.
    ///   - context: what it is run with, until its deadline.
    /// - Throws: ``OperationError`` where it does not say so in time, or says what cannot be used.
    init(describedBy file: String, stamp: FileStamp, in context: OperationContext) async throws(OperationError) {
        self.file = file
        self.stamp = stamp
        let answer = try await context.tool([file, "describe"])
        guard answer.output.count <= OperationDescriptor.maximumPluginBytes else {
            throw OperationError(
                "plugin_invalid",
                "it describes itself in more than \(OperationDescriptor.maximumPluginBytes) bytes"
            )
        }
        do {
            descriptor = try OperationDescriptor(plugin: try JSON.decode(JSONValue.self, from: answer.output))
        } catch {
            throw OperationError("plugin_invalid", "what it describes itself as cannot be used: \(error)")
        }
    }

    var type: String { descriptor.type }
    var canDryRun: Bool { descriptor.dryRun }

    func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        do {
            try checkFile()
            let request = PluginRequest(type: type, parameters: parameters, context: context)
            let answer = try await context.tool([file, "run"], input: try request.text(), ok: nil)
            return PluginAnswer(answer, kind: descriptor.kind).outcome
        } catch let error as OperationError {
            return error.outcome(isUnchanged: descriptor.kind == .read)
        }
    }

    /// Refuses to run what was changed since it described itself, or what somebody else can change.
    private func checkFile() throws(OperationError) {
        do throws(LocalFileError) {
            guard let now = try FileStamp(path: file) else { throw LocalFileError("it is gone") }
            try now.check(file)
            guard now == stamp else {
                throw LocalFileError("it was changed since it described itself; it is asked again within a minute")
            }
        } catch {
            throw OperationError("plugin_refused", "'\(file)': \(error)", changed: false)
        }
    }
}

/// What a plug-in reads from its standard input.
struct PluginRequest {
    let type: String
    let parameters: JSONValue
    let context: OperationContext

    /// The request as one line of JSON.
    func text() throws -> String {
        let request: JSONValue = [
            "operation": .string(type), "data": parameters, "dry_run": .bool(context.isDryRun),
            "labels": .object(context.labels.mapValues(JSONValue.string)), "facts": .object(context.facts()),
        ]
        return String(decoding: try JSON.encode(request), as: UTF8.self) + "\n"
    }
}
