// SPDX-License-Identifier: Apache-2.0

/// Why an object was not stored.
package struct ObjectError: Error, Hashable, Sendable {
    /// Why.
    package enum Code: Hashable, Sendable {
        /// It has more bytes than one may have.
        case tooLarge
        /// All objects together would have too many bytes, or the disk is full.
        case full
        /// The bytes are not those that were announced.
        case digestMismatch
        /// The key stores as many objects as it may at one time.
        case tooManyUploadsOfKey
        /// As many objects are being stored as may be at one time.
        case tooManyUploads
        /// There is one of this name already.
        case exists
    }

    /// Why.
    package let code: Code
    /// In words.
    package let message: String

    /// Makes an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
