// SPDX-License-Identifier: Apache-2.0

/// The fields of `/proc/PID/stat` that are told as metrics; see proc(5).
struct ProcessStat: Equatable {
    /// A file of `/proc` is not of the form that proc(5) describes.
    struct Unreadable: Error, Equatable {
        let file: String
    }

    /// Processor time in user and kernel mode, in ticks of the clock.
    let cpuTicks: UInt64
    /// When the process was started, in ticks since the system was.
    let startTicks: UInt64
    /// The size of the address space.
    let virtualBytes: UInt64
    /// How many pages are in RAM.
    let residentPages: UInt64

    /// Reads the line.
    ///
    /// - Throws: ``Unreadable``.
    init(_ text: String) throws(Unreadable) {
        // The second field is the name of the program in brackets, and may have blanks and brackets in it.
        guard let bracket = text.lastIndex(of: ")") else { throw Unreadable(file: "stat") }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        func field(_ number: Int) throws(Unreadable) -> UInt64 {
            guard fields.indices.contains(number - 3), let value = UInt64(fields[number - 3]) else {
                throw Unreadable(file: "stat")
            }
            return value
        }
        cpuTicks = try field(14) + field(15)
        startTicks = try field(22)
        virtualBytes = try field(23)
        residentPages = try field(24)
    }

    /// When the system was started, in seconds since 1970, as `/proc/stat` has it.
    ///
    /// - Throws: ``Unreadable``.
    static func bootTime(_ text: String) throws(Unreadable) -> UInt64 {
        for line in text.split(separator: "\n") where line.hasPrefix("btime ") {
            if let seconds = UInt64(line.dropFirst("btime ".count)) { return seconds }
        }
        throw Unreadable(file: "/proc/stat")
    }
}
