// SPDX-License-Identifier: Apache-2.0

/// The arguments of the program as text.
///
/// Linux hands over any bytes. What is no UTF-8 would be mended without a word on the way, and another text would reach
/// the hosts than was typed.
///
/// - Parameter arguments: the bytes of each argument, without the name of the program.
/// - Returns: the arguments.
/// - Throws: ``UsageError`` for an argument that is not UTF-8.
package func programArguments(_ arguments: [[UInt8]]) throws(UsageError) -> [String] {
    var texts: [String] = []
    for (index, bytes) in arguments.enumerated() {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let shown = SafeText.line.made(of: ByteText(bytes).description).clipped(to: 60)
            throw UsageError("argument \(index + 1) is not UTF-8 text: '\(shown)'")
        }
        texts.append(text)
    }
    return texts
}
