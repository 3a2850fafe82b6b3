// SPDX-License-Identifier: Apache-2.0

/// All that is told under one name at one moment: what it is, and its values, by labels.
package struct MetricFamily: Sendable, Hashable {
    /// What the values are.
    package enum Kind: String, Sendable {
        /// They only rise, from zero at the start of the process.
        case counter
        /// They rise and fall.
        case gauge
        /// How many observations fell into each of some ranges, their number and their sum.
        case histogram
    }

    /// One value.
    package struct Sample: Sendable, Hashable {
        /// What follows the name of the family: `_bucket`, `_sum` or `_count` of a histogram, else nothing.
        package let suffix: String
        /// Names with values, in the order in which they are written.
        package let labels: [Label]
        /// The value, in the unit that the name of the family ends with.
        package let value: Double
    }

    /// One thing that tells a value from the others of its family.
    package struct Label: Sendable, Hashable {
        /// What it is.
        package let name: String
        /// Any text; there must be few of them, known beforehand.
        package let value: String

        /// Makes a label.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The name: `snake_case`, with its unit at the end, and `_total` behind that for a counter.
    package let name: String
    /// What is told, in a sentence.
    package let help: String
    /// What the values are.
    package let kind: Kind
    /// The values.
    package let samples: [Sample]

    /// Makes a family of its parts.
    package init(_ name: String, _ help: String, _ kind: Kind, _ samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// One value that rises and falls.
    package static func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) -> MetricFamily {
        MetricFamily(name, help, .gauge, [Sample(Double(value))])
    }

    /// One value that only rises.
    package static func counter(_ name: String, _ help: String, _ value: some BinaryInteger) -> MetricFamily {
        MetricFamily(name, help, .counter, [Sample(Double(value))])
    }

    /// One value that rises and falls for each value of a label.
    package static func gauge(
        _ name: String,
        _ help: String,
        by label: String,
        _ values: some Sequence<(String, Int)>
    ) -> MetricFamily {
        MetricFamily(name, help, .gauge, values.map { Sample(Double($1), [Label(label, $0)]) })
    }

    /// One value that only rises for each value of a label.
    package static func counter(
        _ name: String,
        _ help: String,
        by label: String,
        _ values: some Sequence<(String, Int)>
    ) -> MetricFamily {
        MetricFamily(name, help, .counter, values.map { Sample(Double($1), [Label(label, $0)]) })
    }
}

extension MetricFamily.Sample {
    /// Makes a value.
    package init(_ value: Double, _ labels: [MetricFamily.Label] = [], suffix: String = "") {
        self.init(suffix: suffix, labels: labels, value: value)
    }
}
