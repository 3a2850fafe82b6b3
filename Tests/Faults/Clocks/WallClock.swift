// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// A wall clock that a test can set while a program runs by it; what counts from a start goes on as it did.
struct WallClock: Sendable {
    private let file: URL
    private let library: URL

    /// The compiler of C, which comes with Swift if there is no other.
    private static let compiler = ["clang", "cc", "gcc"].lazy.compactMap { SystemProgram($0) }.first

    /// Why there can be none here; nil where there can.
    static let problem: String? = compiler == nil ? "there is no compiler of C on the PATH" : nil

    /// Makes a clock that is right.
    init(in directory: URL, _ name: String) throws {
        guard let compiler = Self.compiler else { throw DeploymentError(Self.problem ?? "") }
        file = directory.appending(path: "\(name).clock")
        library = directory.appending(path: "\(name).clock.so")
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let source = tests.appending(path: "Preload/wall-clock.c").path
        try compiler.run(["-shared", "-fPIC", "-O1", "-o", library.path, source])
        try Data(count: 8).write(to: file)
    }

    /// Lets it jump to so many days from now.
    func set(days: Int) throws {
        var offset = Int64(days) * 86_400 * 1_000_000_000
        let handle = try FileHandle(forWritingTo: file)
        // In its place: the programs have it in their memory.
        try handle.write(contentsOf: Data(bytes: &offset, count: 8))
        try handle.close()
    }

    /// Lets a program run by it.
    var environment: [String: String] { ["LD_PRELOAD": library.path, "BROKER_TEST_CLOCK": file.path] }
}
