// SPDX-License-Identifier: Apache-2.0

// What the operations that edit lines of a text file have in common.

extension FileParameters {
    static let editing = writing.merging([
        "path": .path("The file."),
        "state": .choice("Whether it is to be there.", ["present", "absent"], default: "present"),
        "insert_after": pattern(
            "What is not there yet goes after the last line in which this is found; where there is none, without this, and with "
                + "'EOF', to the end."
        ),
        "insert_before": pattern(
            "What is not there yet goes before the last line in which this is found, and with 'BOF' to the beginning; where "
                + "there is none, to the end."
        ),
        "create": .flag("Whether a file that is not there is made.", default: false),
    ]) { $1 }

    static let editingResult = result(["path": pathResult, "backup": backupResult], optional: ["backup"])

    /// A regular expression.
    static func pattern(_ description: String) -> JSONValue {
        [
            "description": .string(
                description + " An extended regular expression as of grep -E, with \\d, \\w, \\s and \\b, without "
                    + "back-references."
            ),
            "type": "string", "minLength": 1, "maxLength": .int(Int64(LinePattern.maximumLength)), "references": false,
        ]
    }

    /// The faults of the parameters that edits have in common.
    static func editingFaults(in data: JSONValue, at pointer: String) -> [Fault] {
        var faults = faults(in: data, at: pointer)
        for name in ["match", "insert_after", "insert_before"] {
            guard let text = data[name]?.string else { continue }
            do throws(LinePattern.Failure) {
                _ = try LinePattern(text)
            } catch {
                faults.append(Fault(pointer: "\(pointer)/\(name)", detail: error.description))
            }
        }
        if data["insert_after"] != nil, data["insert_before"] != nil {
            faults.append(Fault(pointer: pointer, detail: "takes only one of insert_after and insert_before"))
        }
        return faults
    }
}
