// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whether systemd runs this host (sd_booted(3)).
enum Systemd {
    static var isRunning: Bool { access("/run/systemd/system", F_OK) == 0 }
}
