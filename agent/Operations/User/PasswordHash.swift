// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The host's own crypt(3), found when it is needed: it knows the methods that the host's logins know.
///
/// Nothing of a password leaves the process for it.
struct PasswordHash {
    private typealias Crypt =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer, Int32
        ) -> UnsafeMutablePointer<CChar>?
    private typealias Salt =
        @convention(c) (
            UnsafePointer<CChar>?, UInt, UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<CChar>, Int32
        ) -> UnsafeMutablePointer<CChar>?

    /// `sizeof (struct crypt_data)` of libxcrypt.
    private static let workBytes = 32_768
    /// CRYPT_GENSALT_OUTPUT_SIZE.
    private static let saltBytes = 192

    private let crypt: Crypt
    private let salt: Salt

    /// Finds the library.
    ///
    /// - Throws: ``OperationError``: `skipped` where the host has none.
    init() throws(OperationError) {
        guard let library = dlopen("libcrypt.so.1", RTLD_NOW) ?? dlopen("libcrypt.so.2", RTLD_NOW),
            let crypt = dlsym(library, "crypt_rn"), let salt = dlsym(library, "crypt_gensalt_rn")
        else { throw .notApplicable("this host has no libcrypt that could hash the password; give its hash") }
        self.crypt = unsafeBitCast(crypt, to: Crypt.self)
        self.salt = unsafeBitCast(salt, to: Salt.self)
    }

    /// Whether a password fits a hash.
    func fits(_ password: String, _ hash: String) -> Bool {
        hash.hasPrefix("$") && hashed(password, with: hash) == hash
    }

    /// The hash of a password, by the method that the host prefers and with new salt.
    ///
    /// - Throws: ``OperationError`` where the library has no such method.
    func new(_ password: String) throws(OperationError) -> String {
        var setting = [CChar](repeating: 0, count: Self.saltBytes)
        // Without a prefix the library takes its own preference, and without bytes the kernel's random numbers.
        guard salt(nil, 0, nil, 0, &setting, Int32(Self.saltBytes)) != nil,
            let hash = setting.withUnsafeBufferPointer({ hashed(password, with: String(cString: Array($0))) })
        else { throw OperationError("no_hash", "libcrypt cannot hash the password", changed: false) }
        return hash
    }

    private func hashed(_ password: String, with setting: String) -> String? {
        // Zeroed before, as the library wants it, and after, since it works with the password there.
        let work = UnsafeMutableRawPointer.allocate(byteCount: Self.workBytes, alignment: 16)
        memset(work, 0, Self.workBytes)
        defer {
            explicit_bzero(work, Self.workBytes)
            work.deallocate()
        }
        guard let result = crypt(password, setting, work, Int32(Self.workBytes)) else { return nil }
        let hash = String(cString: result)
        return hash.hasPrefix("*") ? nil : hash
    }
}
