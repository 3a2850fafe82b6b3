// SPDX-License-Identifier: Apache-2.0

extension OperationContext {
    /// The tool that keeps the packages of this host.
    ///
    /// - Parameter lockTimeout: how long it is waited for while another process uses it.
    /// - Returns: the tool.
    /// - Throws: ``OperationError``: `skipped` where there is none that is known.
    func packageManager(lockTimeout: Duration = .seconds(60)) throws(OperationError) -> any PackageManager {
        if hasTool("apt-get"), hasTool("dpkg-query") { return AptPackages(self, lockTimeout: lockTimeout) }
        if hasTool("dnf"), hasTool("rpm") { return DnfPackages(self) }
        if hasTool("apk") { return ApkPackages(self, lockTimeout: lockTimeout) }
        throw .notApplicable("this host has neither apt, dnf nor apk")
    }
}
