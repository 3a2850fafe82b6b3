// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where a distribution keeps the authorities that were added to its own, and how its stores are made anew.
struct TrustStore: Sendable {
    /// The directory of certificates.
    let directory: String
    /// The program that makes the stores anew, and its arguments.
    private let update: [String]
    /// How the names of the files end that the program takes; it passes over others.
    private let endings: [String]
    /// Where a link shows that a certificate is in the stores; nil where nothing does.
    private let links: String?

    /// The one of this host.
    ///
    /// - Throws: `skipped` where it has none that is known.
    init(_ context: OperationContext) throws(OperationError) {
        if context.hasTool("update-ca-certificates") {
            (directory, update) = ("/usr/local/share/ca-certificates", ["update-ca-certificates"])
            (endings, links) = ([".crt"], "/etc/ssl/certs")
        } else if context.hasTool("update-ca-trust") {
            (directory, update) = ("/etc/pki/ca-trust/source/anchors", ["update-ca-trust", "extract"])
            (endings, links) = ([".crt", ".pem"], nil)
        } else {
            throw .notApplicable(
                "this host has neither update-ca-certificates nor update-ca-trust; install ca-certificates"
            )
        }
    }

    /// An authority that was added.
    struct Authority: Sendable {
        /// The name of its file without an ending.
        let name: String
        let path: String
        /// Nil for a file that is not one certificate.
        let certificate: CertificateText?
    }

    /// The authorities that were added, by name.
    func authorities() -> [Authority] {
        HostListing.names(in: directory).filter { name in endings.contains { name.hasSuffix($0) } }.sorted().map {
            file in
            let path = "\(directory)/\(file)"
            let text = HostFile.read(path, limit: 1_048_576)
            return Authority(
                name: String(file.dropLast(4)),
                path: path,
                certificate: text.flatMap(CertificateText.init)
            )
        }
    }

    /// The file of a new authority.
    func path(of name: String) -> String { "\(directory)/\(name).crt" }

    /// Whether the stores have an authority, as far as can be seen.
    func hasTaken(_ authority: Authority) -> Bool {
        guard let links else { return true }
        return Self.linkNames(of: authority.name).contains { access("\(links)/\($0)", F_OK) == 0 }
    }

    /// How the link to a certificate may be called: Debian's program replaces some signs, that of Alpine puts a word
    /// before the name.
    static func linkNames(of name: String) -> [String] {
        let signs: [Character: Character] = [" ": "_", ",": "_", "(": "=", ")": "="]
        return [String(name.map { signs[$0] ?? $0 }) + ".pem", "ca-cert-\(name).pem"]
    }

    /// Has the stores take the authority of a name once more, whose file holds another certificate.
    ///
    /// Debian's program goes by the link: where that is there, the name by which OpenSSL finds a certificate in the
    /// directory stays that of the one before.
    func forget(_ name: String) {
        guard let links else { return }
        for link in Self.linkNames(of: name).map({ "\(links)/\($0)" })
        where HostLink.destination(of: link) == path(of: name) { unlink(link) }
    }

    /// Makes the stores anew.
    func refresh(in context: OperationContext) async throws(OperationError) {
        _ = try await context.tool(update)
    }
}
