// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The files that say the time zone of the host.
enum TimezoneFiles {
    static let link = "/etc/localtime"
    static let name = "/etc/timezone"
    static let zones = "/usr/share/zoneinfo"

    /// The zone that the link names; nil where it is no link into the directory of zones.
    static var linked: String? {
        guard let destination = HostLink.destination(of: link) else { return nil }
        return destination.firstRange(of: "zoneinfo/").map { String(destination[$0.upperBound...]) }
    }

    /// The zone that Debian's file names.
    static var named: String? {
        HostFile.read(name)?.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    /// Whether the host is to have Debian's file.
    static var wantsName: Bool { access(name, F_OK) == 0 || access("/etc/debian_version", F_OK) == 0 }

    /// Whether there is a zone (RFC 8536, section 3.1: its file begins with `TZif`).
    static func hasZone(_ name: String) -> Bool {
        HostFile.read("\(zones)/\(name)", limit: 4) == "TZif"
    }
}
