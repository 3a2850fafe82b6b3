// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Jobs

/// Finds out what the host is made of.
///
/// Everything comes from /proc, /etc and the kernel, and what cannot be found out is left out: no missing file makes
/// the rest fail, and no file system of another host is asked, so that a dead server cannot hang the agent.
package enum HostFacts {
    /// The facts of this host.
    ///
    /// - Parameter root: the directory that stands for `/` when files are read; another one than that is for tests.
    /// - Returns: the facts by name.
    package static func collect(root: String = "") -> [String: JSONValue] {
        var facts: [String: JSONValue] = [:]
        facts.merge(kernelFacts()) { $1 }
        facts["os"] = osFacts(root: root)
        facts["cpus"] = .int(Int64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        facts.merge(memoryFacts(root: root)) { $1 }
        facts.merge(loadFacts(root: root)) { $1 }
        facts["disks"] = .array(DiskFacts.collect(root: root))
        facts.merge(NetworkFacts.collect(root: root)) { $1 }
        facts["machine_id"] = line("\(root)/etc/machine-id").map(JSONValue.string)
        return facts
    }

    /// The name of this host, as its kernel has it.
    package static var hostname: String? {
        kernelFacts()["hostname"]?.string
    }

    /// The release of the running kernel.
    static var release: String? {
        kernelFacts()["release"]?.string
    }

    private static func kernelFacts() -> [String: JSONValue] {
        var names = utsname()
        guard uname(&names) == 0 else { return [:] }
        let release = text(names.release)
        return [
            "hostname": .string(text(names.nodename)),
            "release": .string(release),
            "architecture": .string(text(names.machine)),
            "kernel": [
                "name": .string(text(names.sysname)),
                "release": .string(release),
                "version": .string(text(names.version)),
            ],
        ]
    }

    /// The text of one of the fixed arrays of `utsname`.
    private static func text<Array>(_ array: Array) -> String {
        withUnsafeBytes(of: array) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func osFacts(root: String) -> JSONValue? {
        let file = HostFile.read("\(root)/etc/os-release") ?? HostFile.read("\(root)/usr/lib/os-release")
        guard let file else { return nil }
        let values = OSRelease.values(in: file)
        let names = ["id": "ID", "name": "NAME", "version": "VERSION_ID", "pretty_name": "PRETTY_NAME"]
        return .object(names.compactMapValues { values[$0].map(JSONValue.string) })
    }

    private static func memoryFacts(root: String) -> [String: JSONValue] {
        guard let file = HostFile.read("\(root)/proc/meminfo") else { return [:] }
        var sizes: [Substring: Int64] = [:]
        for line in file.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let number = parts[1].split(separator: " ").first.flatMap({ Int64($0) }) else {
                continue
            }
            sizes[parts[0]] = number * 1024
        }
        func sizesOf(_ total: Substring, _ free: Substring, as name: String) -> JSONValue? {
            guard let size = sizes[total] else { return nil }
            var members: [String: JSONValue] = ["total": .int(size)]
            members[name] = sizes[free].map(JSONValue.int)
            return .object(members)
        }
        var facts: [String: JSONValue] = [:]
        facts["memory"] = sizesOf("MemTotal", "MemAvailable", as: "available")
        facts["swap"] = sizesOf("SwapTotal", "SwapFree", as: "free")
        return facts
    }

    private static func loadFacts(root: String) -> [String: JSONValue] {
        var facts: [String: JSONValue] = [:]
        let loads = (line("\(root)/proc/loadavg") ?? "").split(separator: " ").prefix(3).compactMap { Double($0) }
        if loads.count == 3 {
            facts["load"] = ["one": .double(loads[0]), "five": .double(loads[1]), "fifteen": .double(loads[2])]
        }
        let uptime = line("\(root)/proc/uptime")?.split(separator: " ").first.flatMap { Double($0) }
        facts["uptime"] = uptime.flatMap { Int64(exactly: $0.rounded(.down)) }.map(JSONValue.int)
        let boot = HostFile.read("\(root)/proc/stat", limit: 1_048_576)?.split(separator: "\n")
            .first { $0.hasPrefix("btime ") }?.split(separator: " ").last.flatMap { Int64($0) }
        facts["boot_time"] = boot.map { .string(Timestamp(milliseconds: $0 * 1000).description) }
        return facts
    }

    /// The first line of a file; nil if there is none.
    private static func line(_ path: String) -> String? {
        HostFile.read(path)?.split(separator: "\n").first.map(String.init)
    }
}
