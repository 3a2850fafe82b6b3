// SPDX-License-Identifier: Apache-2.0

/// The rule of the labels that a submitter gives a job: `name=value`, as the labels of agents are.
public enum JobLabels {
    /// The most labels that a job has.
    public static let maximumNumber = 32
    /// The longest name, in bytes of UTF-8.
    public static let maximumName = 128
    /// The longest value, in bytes of UTF-8.
    public static let maximumValue = 256

    /// What is wrong with labels, in words; nil where nothing is.
    public static func problem(of labels: [String: String]) -> String? {
        guard labels.count <= maximumNumber else { return "there are at most \(maximumNumber) labels" }
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            guard isName(name) else {
                return "a name of a label has 1 to \(maximumName) bytes, no '=' and no control characters"
            }
            guard isValue(value) else {
                return "the value of the label '\(name)' has more than \(maximumValue) bytes, or control characters"
            }
        }
        return nil
    }

    /// The label that a text means, `name=value`; nil for anything else.
    ///
    /// The value may have an `=`, and may be empty.
    public static func read(_ text: String) -> (name: String, value: String)? {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, isName(parts[0]), isValue(parts[1]) else { return nil }
        return (parts[0], parts[1])
    }

    /// Whether a label can have this name.
    public static func isName(_ name: String) -> Bool {
        (1...maximumName).contains(name.utf8.count) && !name.utf8.contains(UInt8(ascii: "=")) && isPlain(name)
    }

    private static func isValue(_ value: String) -> Bool {
        value.utf8.count <= maximumValue && isPlain(value)
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
