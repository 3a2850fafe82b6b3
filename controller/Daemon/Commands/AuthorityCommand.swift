// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Authority
import Credentials
import FoundationEssentials

/// `broker-controller authority`: the authority that issues agents' certificates, and how another takes its place.
struct AuthorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Shows the authority, and puts a new one in its place, also while the controller runs.",
        subcommands: [Show.self, Rotate.self, Retire.self]
    )

    /// Where the authority is.
    struct Place: ParsableArguments {
        @Option(name: .customLong("authority"), help: ArgumentHelp("Directory of the authority.", valueName: "dir"))
        var directory = "/var/lib/broker-controller/authority"

        /// What is trusted now, a line each; the first one issues.
        func show() throws {
            for authority in try CertificateFacts.all(inPEM: TrustedAuthorities.text(directory: directory)) {
                print("sha256:\(authority.fingerprint)  good until \(authority.notAfter.formatted(.iso8601))")
            }
        }
    }

    /// `broker-controller authority show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the fingerprints of the authorities that are trusted; the first one issues."
        )

        @OptionGroup var place: Place

        func run() async throws {
            do { try place.show() } catch { throw Failure("the authority cannot be read", error) }
        }
    }

    /// `broker-controller authority rotate`.
    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new authority, which issues from now on; the old one is trusted until it is retired.",
            discussion: """
                Agents learn of it over their links within an hour or so, and renew their certificates at once. The \
                controller shows a certificate of the old one until that is retired, so hosts that are away are not cut \
                off. Give those who use the API the file trusted.pem as their ca_file.
                """
        )

        @OptionGroup var place: Place

        func run() async throws {
            do {
                try AuthorityRotation.begin(directory: place.directory, now: Date())
                try place.show()
            } catch { throw Failure("the authority cannot be rotated", error) }
        }
    }

    /// `broker-controller authority retire`.
    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends the trust in the old authority, and destroys its key.",
            discussion: """
                Agents that have not renewed their certificates by then have to join again; after the time that \
                certificates last there are none. The controller shows a certificate of the new authority at its next look.
                """
        )

        @OptionGroup var place: Place

        func run() async throws {
            do {
                try AuthorityRotation.finish(directory: place.directory)
                try place.show()
            } catch { throw Failure("the old authority cannot be retired", error) }
        }
    }
}
