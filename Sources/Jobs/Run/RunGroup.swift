// SPDX-License-Identifier: Apache-2.0

/// Runs of a job that have the same result.
public struct RunGroup: Decodable, Hashable, Sendable {
    /// How many hosts are named at most.
    public static let maximumSamples = 5
    /// How many bytes an excerpt has at most.
    public static let maximumExcerpt = 256

    /// How many runs there are.
    public let count: Int
    /// Where they stand.
    public let status: RunState
    /// The exit code of their command; nil where there is none, or where it is not known to be the same.
    public let exitCode: Int?
    /// Whether their hosts were changed; nil where that is not known.
    public let changed: Bool?
    /// The code of their error; nil where they have none.
    public let errorCode: String?
    /// What stands for their result; nil where they have not told, as before their end.
    public let digest: ResultDigest?
    /// The first of their hosts, by name.
    public let sampleHostnames: [String]
    /// The beginning of what the first of them told: of its output, its error or its data; nil where it told nothing.
    public let excerpt: String?

    /// Makes a group of its parts.
    public init(
        count: Int,
        status: RunState,
        exitCode: Int?,
        changed: Bool?,
        errorCode: String?,
        digest: ResultDigest?,
        sampleHostnames: [String],
        excerpt: String?
    ) {
        self.count = count
        self.status = status
        self.exitCode = exitCode
        self.changed = changed
        self.errorCode = errorCode
        self.digest = digest
        self.sampleHostnames = sampleHostnames
        self.excerpt = excerpt
    }

    enum CodingKeys: String, CodingKey {
        case count
        case status
        case exitCode = "exit_code"
        case changed
        case errorCode = "error_code"
        case digest
        case sampleHostnames = "sample_hostnames"
        case excerpt
    }
}

extension RunGroup: JSONWritable {
    /// Writes every field, with null for what is not known.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("changed", changed)
        json.member("count", count)
        json.member("digest", digest?.description)
        json.member("error_code", errorCode)
        json.member("excerpt", excerpt)
        json.member("exit_code", exitCode)
        json.name("sample_hostnames")
        json.beginArray()
        for hostname in sampleHostnames { json.value(hostname) }
        json.endArray()
        json.member("status", status.rawValue)
        json.endObject()
    }
}
