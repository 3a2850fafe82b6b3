// SPDX-License-Identifier: Apache-2.0

/// The word that was probably meant: the one that begins alike, or is at most two slips of the finger away.
///
/// - Parameters:
///   - word: what was typed.
///   - words: what there is.
/// - Returns: one of `words`; nil where none is near.
package func nearest(to word: String, among words: [String]) -> String? {
    guard word.count <= 100 else { return nil }
    let longer = words.filter { word.count > 1 && $0.hasPrefix(word) }
    if longer.count == 1 { return longer[0] }
    // Of a short word, two slips leave nothing.
    let allowed = word.count > 3 ? 2 : 1
    return words.map { (word: $0, slips: slips(from: word, to: $0)) }
        .filter { $0.slips <= allowed }
        .min { $0.slips < $1.slips }?.word
}

/// How many slips of the finger lie between two words: a character more, less, other, or two in the wrong order.
private func slips(from typed: String, to meant: String) -> Int {
    let typed = Array(typed)
    let meant = Array(meant)
    // The rows of the table of Damerau and Levenshtein: slips between the first characters of both.
    var rows = [Array(0...meant.count)]
    for (row, character) in typed.enumerated() {
        var counts = [row + 1]
        for (column, other) in meant.enumerated() {
            var least = min(rows[row][column + 1] + 1, counts[column] + 1)
            least = min(least, rows[row][column] + (character == other ? 0 : 1))
            if row > 0, column > 0, character == meant[column - 1], typed[row - 1] == other {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            counts.append(least)
        }
        rows.append(counts)
    }
    return rows[typed.count][meant.count]
}
