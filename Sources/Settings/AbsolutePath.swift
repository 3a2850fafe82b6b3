// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A path as it is found from any directory, for files of settings, which are read in another one than they were written in.
///
/// Nothing else of the path is changed: links and `..` stay as they are.
///
/// - Parameter path: a path that is seen from the current directory.
/// - Returns: the path from the root.
package func absolutePath(_ path: String) -> String {
    guard !path.hasPrefix("/"), !path.isEmpty else { return path }
    let directory = FileManager.default.currentDirectoryPath
    var rest = path[...]
    while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
    return directory + (directory.hasSuffix("/") ? "" : "/") + rest
}
