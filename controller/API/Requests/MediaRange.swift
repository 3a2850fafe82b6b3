// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// One of the kinds of answers that a client says it takes (RFC 9110, section 12.5.1).
struct MediaRange: Equatable {
    let type: Substring
    let subtype: Substring
    /// How much it is wanted, 0 to 1; 0 is not at all.
    let quality: Double

    /// Reads one element of an `Accept` header.
    ///
    /// - Returns: nil for what is none.
    init?(_ text: some StringProtocol) {
        let parts = text.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        let sides = (parts.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, sides.allSatisfy({ !$0.isEmpty }) else { return nil }
        type = sides[0]
        subtype = sides[1]
        let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 }
        self.quality = quality ?? 1
    }

    /// Which of some media types a client wants most, the first of those that it wants alike; nil where it takes none.
    static func preferred(of mediaTypes: [String], by headers: HTTPFields) -> String? {
        var best: (type: String, quality: Double)?
        for type in mediaTypes {
            let quality = quality(of: type, by: headers)
            if quality > best?.quality ?? 0 { best = (type, quality) }
        }
        return best?.type
    }

    /// How much a client wants an answer of a media type, 0 being not at all; one that says nothing takes everything.
    ///
    /// Of the ranges that a type is in, the narrowest counts. Parameters of media types mean nothing here.
    private static func quality(of mediaType: String, by headers: HTTPFields) -> Double {
        guard let accept = headers[.accept], !accept.isEmpty else { return 1 }
        let sides = mediaType.prefix { $0 != ";" }.split(separator: "/")
        guard let type = sides.first, let subtype = sides.last else { return 1 }
        let ranges = accept.split(separator: ",").compactMap { MediaRange($0) }.filter { range in
            (range.type == type && (range.subtype == subtype || range.subtype == "*"))
                || (range.type == "*" && range.subtype == "*")
        }
        let narrowest = ranges.max { ($0.precision, $0.quality) < ($1.precision, $1.quality) }
        return narrowest?.quality ?? 0
    }

    private var precision: Int { (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) }
}
