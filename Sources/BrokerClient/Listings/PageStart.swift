// SPDX-License-Identifier: Apache-2.0

/// Where a page of a listing begins.
public enum PageStart: Hashable, Sendable {
    /// After so many items.
    case offset(Int)
    /// Behind the page that gave this cursor; takes the same time at any depth.
    case cursor(String)

    /// The parameter of the query that says so.
    var parameter: (String, String?) {
        switch self {
        case .offset(let offset): ("offset", String(offset))
        case .cursor(let cursor): ("cursor", cursor)
        }
    }
}
