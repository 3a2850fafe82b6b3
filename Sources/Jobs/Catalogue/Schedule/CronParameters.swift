// SPDX-License-Identifier: Apache-2.0

/// What the operations on cron have as parameters.
enum CronParameters {
    static let name = JSONValue.text(
        "The file in /etc/cron.d. cron passes over names with other signs than letters, digits, '_' and '-'.",
        .word,
        maximum: 100
    )

    /// A name that cron would pass over.
    static func faultsOfName(_ data: JSONValue, _ pointer: String) -> [Fault] {
        let isGood = data["name"]?.string?.utf8.allSatisfy { $0.isASCIIAlphanumeric || "_-".utf8.contains($0) } ?? true
        guard !isGood else { return [] }
        return [
            Fault(pointer: "\(pointer)/name", detail: "must have only letters, digits, '_' and '-', or cron ignores it")
        ]
    }

    /// What is wrong with an entry.
    static func faultsOfEntry(_ data: JSONValue, _ pointer: String) -> [Fault] {
        var faults = faultsOfName(data, pointer)
        if let schedule = data["schedule"]?.string, let fault = CronSchedule.fault(in: schedule) {
            faults.append(Fault(pointer: "\(pointer)/schedule", detail: fault))
        }
        if let command = data["command"]?.string {
            if command.allSatisfy({ $0 == " " || $0 == "\t" }) {
                faults.append(Fault(pointer: "\(pointer)/command", detail: "must not be empty"))
            } else if command.contains("\\%") {
                // cron has no way to write a backslash before a percent sign.
                faults.append(Fault(pointer: "\(pointer)/command", detail: "must have '%' without '\\' before it"))
            }
        }
        for (name, value) in (data["env"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let fault = fault(ofVariable: name, value.string ?? "") else { continue }
            faults.append(Fault(pointer: "\(pointer)/env/\(escapedForJSONPointer(name))", detail: fault))
        }
        return faults
    }

    private static func fault(ofVariable name: String, _ value: String) -> String? {
        let first = name.utf8.first.map { $0.isASCIILetter || $0 == UInt8(ascii: "_") } ?? false
        guard first, name.utf8.allSatisfy({ $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "_") }) else {
            return "the name of a variable has letters, digits and '_'"
        }
        if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            return "must be one line without control characters"
        }
        if value.contains("\""), value.contains("'") {
            return "must not have both kinds of quotes: cron cannot write that"
        }
        return value.utf8.count > 900 ? "must have at most 900 bytes" : nil
    }
}
