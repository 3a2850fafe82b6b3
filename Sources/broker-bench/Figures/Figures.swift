// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs

/// What a measurement has found.
struct Figures: Sendable {
    /// The subcommand.
    let bench: String
    /// What it was told, in the order to be shown.
    var parameters: [(name: String, value: JSONValue)]
    /// What it found, in the order to be shown; each name ends in its unit.
    private(set) var results: [(name: String, value: Double)] = []

    init(_ bench: String, _ parameters: [(name: String, value: JSONValue)] = []) {
        self.bench = bench
        self.parameters = parameters
    }

    /// Adds a result, or replaces it.
    mutating func set(_ name: String, _ value: Double) {
        if let index = results.firstIndex(where: { $0.name == name }) {
            results[index].value = value
        } else {
            results.append((name, value))
        }
    }

    /// Adds median, 95 % and 99 % of some times, in milliseconds.
    mutating func set(_ name: String, _ times: Sample) {
        set("\(name)_p50_ms", times.percentile(0.5))
        set("\(name)_p95_ms", times.percentile(0.95))
        set("\(name)_p99_ms", times.percentile(0.99))
    }

    subscript(name: String) -> Double? { results.first { $0.name == name }?.value }

    /// Takes over the results of another measurement, with a prefix to their names.
    mutating func add(_ other: Figures, prefix: String) {
        for result in other.results { set("\(prefix)_\(result.name)", result.value) }
    }
}

/// Times in milliseconds.
struct Sample: Sendable {
    private var sorted: [Double]

    init(_ times: [Double]) {
        sorted = times.sorted()
    }

    init(_ times: [Duration]) {
        self.init(times.map(\.milliseconds))
    }

    /// The least time that this share of all times does not exceed.
    func percentile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - (share > 0 ? 1 : 0))]
    }

    var most: Double { sorted.last ?? 0 }
}

extension Duration {
    /// In milliseconds, with their fraction.
    var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }

    /// In seconds, with their fraction.
    var inSeconds: Double { milliseconds / 1000 }
}

/// How figures are shown.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case text, json
}

/// The option `-o`.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: "As a table, or as one line of JSON with parameters and facts of the machine."
    )
    var output = OutputFormat.text

    /// Prints figures; measures the disk that `directory` is on for the facts of the machine.
    func show(_ figures: Figures, directory: String? = nil) throws {
        switch output {
        case .text:
            let head = figures.parameters.map { "\($0.name)=\($0.value.shown)" }.joined(separator: " ")
            print("\(figures.bench): \(head)")
            let width = figures.results.map(\.name.count).max() ?? 0
            for result in figures.results {
                let padding = String(repeating: " ", count: width - result.name.count)
                print("  \(result.name)\(padding)  \(result.value.shown)")
            }
        case .json:
            let json: JSONValue = [
                "bench": .string(figures.bench),
                "parameters": .object(Dictionary(figures.parameters.map { ($0.name, $0.value) }) { $1 }),
                "results": .object(
                    Dictionary(figures.results.map { ($0.name, .double($0.value.rounded(to: 4))) }) { $1 }
                ),
                "machine": try MachineFacts.collect(directory: directory),
            ]
            print(String(decoding: try JSON.encode(json), as: UTF8.self))
        }
        flushStandardOutput()
    }
}

extension JSONValue {
    fileprivate var shown: String {
        switch self {
        case .string(let text): text
        case .int(let number): "\(number)"
        case .double(let number): number.shown
        case .bool(let flag): "\(flag)"
        case .null, .array, .object: "…"
        }
    }
}

extension Double {
    /// Rounded to so many digits after the point.
    func rounded(to digits: Int) -> Double {
        let factor = (0..<digits).reduce(1.0) { factor, _ in factor * 10 }
        return (self * factor).rounded() / factor
    }

    /// With as many digits as are of interest.
    var shown: String {
        switch magnitude {
        case 1000...: "\(Int(rounded()))"
        case 10...: "\(rounded(to: 1))"
        default: "\(rounded(to: 3))"
        }
    }
}
