// SPDX-License-Identifier: Apache-2.0

/// The names of stored objects.
public enum ObjectName {
    /// The most bytes of a name.
    public static let maximumBytes = 255

    /// What is wrong with a name; nil where it is one.
    ///
    /// A name is one or more parts with `/` between: letters, digits and `._+@=-`, none of them beginning with `-` or being
    /// `.` or `..`, so that it can be a part of a path anywhere.
    public static func fault(in text: String) -> String? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (1...maximumBytes).contains(text.utf8.count), parts.allSatisfy(isPart) else {
            return "must be the name of an object: letters, digits and '._+@=-', parts of it between '/', "
                + "at most \(maximumBytes) bytes"
        }
        return nil
    }

    /// The name of an object that `file.fetch` takes from a host: below a part of its own, so that no host and no job has the name
    /// of another object stand for something else.
    ///
    /// - Parameters:
    ///   - object: what the job calls it; nil for its path.
    ///   - path: the path of the file.
    ///   - hostname: the host.
    /// - Returns: the name, which may be none.
    public static func fetched(_ object: String?, path: String, from hostname: String) -> String {
        "hosts/\(hostname)/" + (object ?? String(path.drop { $0 == "/" }))
    }

    private static func isPart(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, first != UInt8(ascii: "-") else { return false }
        let isDots = bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") }
        return !isDots && bytes.allSatisfy { $0.isASCIIAlphanumeric || "._+@=-".utf8.contains($0) }
    }
}
