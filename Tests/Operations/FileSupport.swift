// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// Runs an operation as a job would.
func run(
    _ type: String,
    _ data: JSONValue,
    dryRun: Bool = false,
    in context: OperationContext = testContext()
) async throws -> RunOutcome {
    var context = context
    context.isDryRun = dryRun
    return try await OperationSet.builtIn.run(OperationRequest(type: type, data: data), in: context)
}

/// Everything in a directory: names, kinds, modes, contents, and where links lead.
func snapshot(_ directory: String) throws -> [String: String] {
    var found: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
        let path = directory + "/" + name
        guard let state = try FileState(at: path) else { continue }
        var text = "\(state.kind.rawValue) \(state.modeText) \(state.uid):\(state.gid)"
        if state.kind == .file { text += " " + Data(try HostFile.bytes(path) ?? []).base64EncodedString() }
        if state.kind == .link { text += " -> \(try HostPath.target(ofLink: path))" }
        found[name] = text
    }
    return found
}

/// Checks what holds for every operation that changes a host: its dry run touches nothing and foretells `changed`, a second
/// run changes nothing, and what it tells fits its schema.
@discardableResult
func checkApplied(
    _ type: String,
    _ data: JSONValue,
    in directory: String,
    isChange: Bool = true,
    at location: SourceLocation = #_sourceLocation
) async throws -> RunOutcome {
    let before = try snapshot(directory)
    let foretold = try await run(type, data, dryRun: true)
    #expect(try snapshot(directory) == before, "a dry run of \(type) has touched the host", sourceLocation: location)
    let real = try await run(type, data)
    let after = try snapshot(directory)
    let again = try await run(type, data)
    let later = try await run(type, data, dryRun: true)
    let schema = try JSONSchema(OperationCatalogue.builtIn[type]?.result ?? true)
    for outcome in [foretold, real, again, later] {
        #expect(outcome.state == .completed, "\(type): \(outcome)", sourceLocation: location)
        let faults = schema.faults(in: outcome.data ?? .null, at: "")
        #expect(faults.isEmpty, "\(type): \(faults)", sourceLocation: location)
    }
    #expect((after != before) == isChange, "\(type): \(real)", sourceLocation: location)
    #expect(foretold.changed == isChange, "\(type): \(foretold)", sourceLocation: location)
    #expect(real.changed == isChange, "\(type): \(real)", sourceLocation: location)
    #expect(again.changed == false, "\(type): \(again)", sourceLocation: location)
    #expect(later.changed == false, "\(type): \(later)", sourceLocation: location)
    #expect(try snapshot(directory) == after, "a second run of \(type) has changed something", sourceLocation: location)
    return real
}

/// Checks that a run is refused, and that nothing was touched.
func checkRefused(
    _ type: String,
    _ data: JSONValue,
    _ code: String,
    in directory: String,
    at location: SourceLocation = #_sourceLocation
) async throws {
    let before = try snapshot(directory)
    let outcome = try await run(type, data)
    #expect(outcome.state == .failed && outcome.error?.code == code, "\(outcome)", sourceLocation: location)
    #expect(outcome.changed == false, "\(outcome)", sourceLocation: location)
    #expect(try snapshot(directory) == before, "\(type) has touched the host", sourceLocation: location)
}
