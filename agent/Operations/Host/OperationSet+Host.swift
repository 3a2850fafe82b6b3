// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on the host itself.
    static let host: [any Operation] = [
        HostnameGet(), HostnameSet(), TimezoneGet(), TimezoneSet(), HostReboot(), HostShutdown(),
    ]
}
