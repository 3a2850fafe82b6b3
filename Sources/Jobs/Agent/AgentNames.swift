// SPDX-License-Identifier: Apache-2.0

/// What an agent and its labels may be called, so that every target can select them.
///
/// The one rule for settings, for joining, for join tokens and for certificates. Agents that speak the wire protocol have
/// wider bounds (`WireLimits`), and their labels can be selected in quotes.
public enum AgentNames {
    /// How many labels an agent may have.
    public static let maximumLabels = 256
    /// Bytes of a label's name.
    public static let maximumLabelName = 63
    /// Bytes of a label's value.
    public static let maximumLabelValue = 1024
    /// Bytes of a hostname.
    public static let maximumHostname = 253

    /// What is wrong with the name of a host.
    ///
    /// - Returns: a sentence for people; nil where it is a name.
    public static func fault(inHostname name: String) -> String? {
        guard (1...maximumHostname).contains(name.utf8.count) else {
            return "the hostname is none: it has 1 to \(maximumHostname) characters"
        }
        guard let first = name.utf8.first, isAlphanumeric(first) else {
            return "the hostname '\(shown(name))' is none: it begins with a letter or a digit"
        }
        guard name.utf8.allSatisfy({ isAlphanumeric($0) || $0 == dot || $0 == dash || $0 == underscore }) else {
            return "the hostname '\(shown(name))' is none: it has letters, digits, '.', '-' and '_' alone"
        }
        let parts = name.utf8.split(separator: dot, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ (1...63).contains($0.count) }) else {
            return "the hostname '\(shown(name))' is none: its parts between dots have 1 to 63 characters"
        }
        return isReserved(name) ? "the hostname '\(name)' is none: it is a word of target expressions" : nil
    }

    /// What is wrong with a label.
    ///
    /// - Returns: a sentence for people; nil where it may be one.
    public static func fault(inLabel name: String, value: String) -> String? {
        guard (1...maximumLabelName).contains(name.utf8.count) else {
            return "the label '\(shown(name))': a name has 1 to \(maximumLabelName) characters"
        }
        guard let first = name.utf8.first, isAlphanumeric(first) else {
            return "the label '\(shown(name))': a name begins with a letter or a digit (A-Z, a-z, 0-9)"
        }
        guard name.utf8.allSatisfy(isOfLabelName) else {
            return "the label '\(shown(name))': a name has letters, digits, '.', '-', '_' and '/' alone"
        }
        guard !isReserved(name) else { return "the label '\(name)': the name is a word of target expressions" }
        guard value.utf8.count <= maximumLabelValue else {
            return "the label '\(name)': a value has at most \(maximumLabelValue) bytes"
        }
        guard !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return "the label '\(name)': a value has no control characters"
        }
        return nil
    }

    /// What is wrong with the labels of an agent, by their names.
    ///
    /// - Parameters:
    ///   - labels: the labels.
    ///   - pointer: the JSON Pointer of the labels in the document that the user sent.
    /// - Returns: all faults; empty where there are none.
    public static func faults(inLabels labels: [String: String], at pointer: String) -> [Fault] {
        guard labels.count <= maximumLabels else {
            return [Fault(pointer: pointer, detail: "an agent has at most \(maximumLabels) labels")]
        }
        return labels.sorted { $0.key < $1.key }.compactMap { name, value in
            fault(inLabel: name, value: value).map { detail in
                Fault(pointer: "\(pointer)/\(escapedForJSONPointer(name))", detail: detail)
            }
        }
    }

    private static func isReserved(_ name: String) -> Bool {
        TargetToken.reservedWords.contains(name.lowercased())
    }

    private static func isOfLabelName(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == dot || byte == dash || byte == underscore || byte == UInt8(ascii: "/")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// As much of a name as fits into a line, without what would break it.
    private static func shown(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(80).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
        }
        return String(String.UnicodeScalarView(scalars)) + (name.unicodeScalars.count > 80 ? "…" : "")
    }

    private static let dot = UInt8(ascii: ".")
    private static let dash = UInt8(ascii: "-")
    private static let underscore = UInt8(ascii: "_")
}
