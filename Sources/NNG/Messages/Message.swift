// SPDX-License-Identifier: Apache-2.0

import CNNG

/// One of nng's messages, owned: freed when dropped, unless it is given to nng.
///
/// It cannot be copied, so that the compiler keeps the rule of nng: a message belongs to nng only once a send has
/// succeeded, and to exactly one owner at any time.
@safe
struct Message: ~Copyable {
    // SAFETY: taken from nng with its ownership and never copied out except by `release`, which ends this value.
    private let pointer: OpaquePointer

    /// Takes over a message that nng has handed out.
    @unsafe
    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    /// Makes a message with this body and an empty header.
    ///
    /// - Parameter body: copied into the message.
    /// - Throws: `outOfMemory`.
    init(body: [UInt8]) throws(NNGError) {
        var message: OpaquePointer?
        let result = unsafe nng_msg_alloc(&message, body.count)
        guard result == 0, let message = unsafe message else { throw NNGError(result, "allocate a message") }
        unsafe pointer = message
        unsafe body.withUnsafeBytes { source in
            guard let start = source.baseAddress, let target = unsafe nng_msg_body(message) else { return }
            unsafe target.copyMemory(from: start, byteCount: source.count)
        }
    }

    deinit {
        unsafe nng_msg_free(pointer)
    }

    /// Gives the message away: the caller has to see that it is freed.
    @unsafe
    consuming func release() -> OpaquePointer {
        let pointer = unsafe self.pointer
        discard self
        return unsafe pointer
    }

    /// A copy of the body.
    var body: [UInt8] {
        let count = unsafe nng_msg_len(pointer)
        guard count > 0, let start = unsafe nng_msg_body(pointer) else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Reads the header in place.
    ///
    /// - Parameter read: gets the bytes, which are only valid during the call.
    /// - Returns: what `read` returns.
    func withHeader<Value>(_ read: (UnsafeRawBufferPointer) -> Value) -> Value {
        let count = unsafe nng_msg_header_len(pointer)
        return unsafe read(UnsafeRawBufferPointer(start: nng_msg_header(pointer), count: count))
    }

    /// Adds a word at the end of the header, in network order.
    ///
    /// - Parameter word: what to add.
    /// - Throws: `outOfMemory`, or `invalidArgument` when the header would be longer than nng allows.
    func appendToHeader(_ word: UInt32) throws(NNGError) {
        try NNGError.check(unsafe nng_msg_header_append_u32(pointer, word), "write a header")
    }
}
