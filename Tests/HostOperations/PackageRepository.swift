// SPDX-License-Identifier: Apache-2.0

import ScratchHosts

/// A repository of a few small packages, within a scratch host, so that tests of packages need no network.
enum PackageRepository {
    /// Makes it the only source of the host's apt.
    ///
    /// `broker-one` has the versions 1.0 and 2.0 and a configuration file; `broker-two` depends on it; `broker-broken`
    /// fails while it is set up, and depends on `broker-three`; the version 2.0 of `broker-slow` never ends to be set up.
    /// `hello` is that of the examples of the catalogue.
    static func set(up host: ScratchHost) async throws {
        try await host.shell(
            """
            set -e
            rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/lib/apt/periodic/*
            echo 'deb [trusted=yes] file:/srv/repo ./' >/etc/apt/sources.list
            mkdir -p /srv/repo
            make() {
                d=/srv/build/$1-$2; mkdir -p $d/DEBIAN $d/etc
                echo "version $2" >$d/etc/$1.conf
                echo /etc/$1.conf >$d/DEBIAN/conffiles
                printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: nobody <n@example.org>\\n' $1 $2 >$d/DEBIAN/control
                [ -z "$3" ] || echo "Depends: $3" >>$d/DEBIAN/control
                echo 'Description: for a test' >>$d/DEBIAN/control
                if [ -n "$4" ]; then printf '#!/bin/sh\\n%s\\n' "$4" >$d/DEBIAN/postinst; chmod 755 $d/DEBIAN/postinst; fi
                dpkg-deb --build --root-owner-group $d /srv/repo/$1_$2_all.deb >/dev/null
            }
            make broker-one 1.0; make broker-one 2.0; make broker-two 1.0 broker-one; make broker-three 1.0
            make broker-broken 1.0 broker-three 'exit 7'
            make broker-slow 1.0; make broker-slow 2.0 '' 'exec sleep 600'; make hello 2.10-3
            cd /srv/repo
            for f in *.deb; do
                dpkg-deb -f $f
                echo "Filename: ./$f"; echo "Size: $(stat -c %s $f)"; echo "SHA256: $(sha256sum $f | cut -d' ' -f1)"; echo
            done >Packages
            { echo "Date: $(date -Ru)"; echo SHA256:; echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"; } >Release
            """
        )
    }

    /// Writes everything that an operation on packages may touch.
    static let probe = """
        dpkg-query -W -f '${Package} ${Version} ${Status}\\n'; apt-mark showhold; ls /tmp
        find /var/lib/apt /var/cache/apt /etc/broker-*.conf -printf '%p %s %T@\\n' 2>/dev/null | sort
        """
}
