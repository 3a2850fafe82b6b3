// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// What holds for whatever is there and whatever parameters: a dry run touches nothing and foretells `changed`, `changed` is
/// true if and only if something is different afterwards, and a second run changes nothing.
struct FilePropertyTests {
    @Test(arguments: 1...8)
    func `dry runs foretell, and second runs change nothing`(seed: UInt64) async throws {
        try await withTemporaryDirectory { directory in
            var source = RandomEdits(seed: seed)
            for _ in 0..<100 {
                let (type, data) = source.next(directory)
                let before = try snapshot(directory)
                let foretold = try await run(type, data, dryRun: true)
                #expect(try snapshot(directory) == before, "\(type) \(data)")
                let real = try await run(type, data)
                let after = try snapshot(directory)
                let again = try await run(type, data)

                #expect(foretold.state == real.state && foretold.changed == real.changed, "\(type) \(data)")
                #expect(foretold.error == real.error, "\(type) \(data)")
                #expect(real.changed == (after != before), "\(type) \(data)\n\(before)\n\(after)")
                #expect(again.changed == false && again.state == real.state, "\(type) \(data)\n\(again)")
                #expect(try snapshot(directory) == after, "\(type) \(data)")
            }
        }
    }
}

/// Edits of a few files, such that they often meet.
private struct RandomEdits {
    private var generator: SplitMix

    init(seed: UInt64) {
        generator = SplitMix(state: seed)
    }

    private static let lines = ["a", "b", "#a", "a=1", "a=2", "é", " a", "# BEGIN x", "# END x", ""]
    private static let patterns = ["^a", "a$", "^#?a", "b|c", "^$", "=", "[^a]", "(a|b)+", "x"]

    mutating func next(_ directory: String) -> (String, JSONValue) {
        var data: [String: JSONValue] = ["path": .string(directory + "/" + pick(["one", "two", "three"]))]
        if chance(4) { data["mode"] = .string(pick(["0644", "0600", "0755"])) }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            data["content"] = .string(text())
            if chance(3) { data["follow"] = true }
            return ("file.deploy", .object(data))
        case 1:
            data["mode"] = nil
            if chance(2) { data["recursive"] = true }
            return ("file.absent", .object(data))
        case 4:
            data["mode"] = nil
            data["target"] = .string(pick(["one", "two", "three", "none", "three/a"]))
            if chance(2) { data["force"] = true }
            return ("file.link", .object(data))
        case 5:
            data["path"] = .string(directory + "/" + pick(["one", "two", "three/a", "three/b/c", "three"]))
            if chance(2) {
                data["recursive"] = true
                if chance(2) { data["file_mode"] = .string(pick(["0600", "0644"])) }
            }
            return ("file.directory", .object(data))
        case 2:
            edit(&data)
            if data["state"] != "absent" || chance(2) {
                data["line"] = .string(pick(Self.lines.filter { !$0.isEmpty }))
            }
            if data["line"] == nil || chance(2) { data["match"] = .string(pick(Self.patterns)) }
            return ("file.line", .object(data))
        default:
            edit(&data)
            data["marker"] = "# {mark} x"
            let block = (0...2).map { _ in pick(["a", "b", "", "a=1"]) }.joined(separator: "\n")
            data["block"] = .string(block.isEmpty ? "c" : block + (chance(2) ? "\n" : ""))
            return ("file.block", .object(data))
        }
    }

    private mutating func edit(_ data: inout [String: JSONValue]) {
        if chance(3) { data["state"] = "absent" }
        if chance(2) { data["create"] = true }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: data["insert_after"] = .string(pick(Self.patterns + ["EOF"]))
        case 1: data["insert_before"] = .string(pick(Self.patterns + ["BOF"]))
        default: break
        }
    }

    private mutating func text() -> String {
        let count = Int.random(in: 0...6, using: &generator)
        let end = pick(["\n", "\n", "\n", "\r\n"])
        let text = (0..<count).map { _ in pick(Self.lines) }.joined(separator: end)
        return count > 0 && chance(2) ? text + end : text
    }

    private mutating func pick(_ texts: [String]) -> String {
        texts[Int.random(in: 0..<texts.count, using: &generator)]
    }

    private mutating func chance(_ of: Int) -> Bool {
        Int.random(in: 0..<of, using: &generator) == 0
    }
}

/// SplitMix64 of Sebastiano Vigna, so that a seed says all.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
