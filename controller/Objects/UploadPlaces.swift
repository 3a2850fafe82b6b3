// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The objects that are coming in: how many, whose, and how many bytes there is still room for.
final class UploadPlaces: Sendable {
    private struct State {
        var count = 0
        var byKey: [String: Int] = [:]
        var incoming: Int64 = 0
        /// What is stored, as it was when an upload last began.
        var stored: Int64 = 0
    }

    private let limits: ObjectLimits
    private let state = Mutex(State())

    init(_ limits: ObjectLimits) {
        self.limits = limits
    }

    /// Takes a place, which is given back with the last reference to it.
    ///
    /// - Parameters:
    ///   - key: whose it is.
    ///   - length: how many bytes are announced; nil where nothing is.
    ///   - stored: how many bytes are stored now.
    /// - Returns: the place.
    /// - Throws: ``ObjectError``.
    func take(for key: String, expecting length: Int64?, stored: Int64) throws(ObjectError) -> UploadPlace {
        try state.withLock { (state) throws(ObjectError) in
            state.stored = stored
            guard stored + state.incoming + (length ?? 0) <= limits.totalBytes else { throw full }
            guard state.byKey[key, default: 0] < limits.uploadsOfKey else {
                throw ObjectError(
                    .tooManyUploadsOfKey,
                    "the key stores \(limits.uploadsOfKey) objects at once already"
                )
            }
            guard state.count < limits.uploads else {
                throw ObjectError(.tooManyUploads, "\(limits.uploads) objects are being stored at once already")
            }
            state.count += 1
            state.byKey[key, default: 0] += 1
        }
        return UploadPlace(in: self, key: key)
    }

    fileprivate func add(_ count: Int64) throws(ObjectError) {
        try state.withLock { (state) throws(ObjectError) in
            guard state.stored + state.incoming + count <= limits.totalBytes else { throw full }
            state.incoming += count
        }
    }

    fileprivate func giveBack(_ bytes: Int64, of key: String) {
        state.withLock { state in
            state.incoming -= bytes
            state.count -= 1
            let left = state.byKey[key, default: 0] - 1
            state.byKey[key] = left > 0 ? left : nil
        }
    }

    private var full: ObjectError {
        ObjectError(.full, "all objects together have at most \(limits.totalBytes) bytes; delete some of them")
    }
}

/// The place of one object that is coming in.
final class UploadPlace: Sendable {
    private let places: UploadPlaces
    private let key: String
    private let bytes = Mutex<Int64>(0)

    fileprivate init(in places: UploadPlaces, key: String) {
        self.places = places
        self.key = key
    }

    deinit {
        places.giveBack(bytes.withLock { $0 }, of: key)
    }

    /// Takes bytes in.
    ///
    /// - Throws: ``ObjectError`` `full`.
    func take(_ count: Int) throws(ObjectError) {
        try places.add(Int64(count))
        bytes.withLock { $0 += Int64(count) }
    }
}
