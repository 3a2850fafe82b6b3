// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Logging
import ServiceLifecycle

/// Renews the controller's certificate before it ends, without a restart: both listeners show the new one from the next
/// connection on.
struct ServerCertificateService: Service {
    let certificate: ServerCertificate
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                renew()
                do { try await Task.sleep(for: interval) } catch { return }
            }
        }
    }

    /// A fault here costs nothing yet: it is tried again, and people read of it long before the certificate ends.
    private func renew() {
        do {
            guard let end = try certificate.renewIfDue(now: Date()) else { return }
            logger.notice(
                "the controller's certificate was renewed",
                metadata: ["file": "\(certificate.certificate)", "good_for_days": "\(Self.days(until: end))"]
            )
        } catch {
            logger.error("the controller's certificate cannot be renewed", metadata: ["error": "\(error)"])
        }
    }

    private static func days(until end: Date) -> Int { Int(end.timeIntervalSinceNow / 86_400) }
}
