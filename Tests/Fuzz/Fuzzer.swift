// SPDX-License-Identifier: Apache-2.0

import Foundation

// The two functions that libFuzzer calls; it brings `main`. The first argument names the subject, the others are its own:
//
//     broker-fuzz json -max_total_time=60 CORPUS
//     broker-fuzz seeds DIRECTORY

/// Set once, before the first input.
nonisolated(unsafe) private var subject = Subject.json

/// Takes the first argument away from libFuzzer.
@_cdecl("LLVMFuzzerInitialize")
public func initialise(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let words = (0..<Int(count.pointee)).map { arguments.pointee[$0].map { String(cString: $0) } ?? "" }
    if words.count == 3, words[1] == "seeds" {
        do {
            try Seeds.write(to: URL(filePath: words[2]))
            exit(0)
        } catch {
            print("the seeds cannot be written: \(error)")
            exit(1)
        }
    }
    guard words.count > 1, let named = Subject(rawValue: words[1]) else {
        print("usage: broker-fuzz \(Subject.allCases.map(\.rawValue).joined(separator: "|")) [OPTION…] [CORPUS…]")
        print("       broker-fuzz seeds DIRECTORY")
        exit(64)
    }
    subject = named
    arguments.pointee[1] = arguments.pointee[0]
    arguments.pointee += 1
    count.pointee -= 1
    return 0
}

/// Tries one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func tryInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    subject.take(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
