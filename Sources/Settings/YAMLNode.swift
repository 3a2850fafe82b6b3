// SPDX-License-Identifier: Apache-2.0

import CYAML

/// What is wrong with a text in YAML, and in which line.
struct YAMLFault: Error {
    let message: String
    let line: Int

    init(_ message: String, line: Int) {
        self.message = message
        self.line = line
    }
}

/// A value in a text in YAML, read by libyaml, and the line where it begins.
///
/// The library that reads YAML for Swift brings all of Foundation and its 45 MB of ICU into a program; libyaml alone is
/// 150 KB. Texts are not given types here: what a setting means is the business of who reads it.
struct YAMLNode {
    /// What the value is.
    indirect enum Content {
        case scalar(String)
        case sequence([YAMLNode])
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    let content: Content
    let line: Int

    /// Reads the first document of a text; nil where there is none.
    ///
    /// - Throws: ``YAMLFault`` for a text that is no YAML, or one nested deeper than 16 levels.
    static func read(_ bytes: [UInt8]) throws(YAMLFault) -> YAMLNode? {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw YAMLFault("out of memory", line: 0) }
        defer { yaml_parser_delete(&parser) }
        var document = yaml_document_t()
        let isRead = bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            // Inside, since libyaml reads from the buffer only now.
            return yaml_parser_load(&parser, &document) == 1
        }
        guard isRead else {
            let problem = parser.problem.map { String(cString: $0) } ?? "not readable"
            throw YAMLFault("not valid YAML: \(problem)", line: Int(parser.problem_mark.line) + 1)
        }
        defer { yaml_document_delete(&document) }
        guard let root = yaml_document_get_root_node(&document) else { return nil }
        return try node(root, &document, depth: 0)
    }

    private static func node(
        _ pointer: UnsafeMutablePointer<yaml_node_t>,
        _ document: inout yaml_document_t,
        depth: Int
    ) throws(YAMLFault) -> YAMLNode {
        let raw = pointer.pointee
        let line = Int(raw.start_mark.line) + 1
        // An alias may point at a value that holds it.
        guard depth < 16 else { throw YAMLFault("nested too deeply", line: line) }
        switch raw.type {
        case YAML_SCALAR_NODE:
            let bytes = UnsafeBufferPointer(start: raw.data.scalar.value, count: raw.data.scalar.length)
            return YAMLNode(content: .scalar(String(decoding: bytes, as: UTF8.self)), line: line)
        case YAML_SEQUENCE_NODE:
            var items: [YAMLNode] = []
            for index in indices(raw.data.sequence.items.start, raw.data.sequence.items.top) {
                items.append(try child(index, &document, depth: depth, line: line))
            }
            return YAMLNode(content: .sequence(items), line: line)
        default:
            var entries: [(key: YAMLNode, value: YAMLNode)] = []
            for pair in indices(raw.data.mapping.pairs.start, raw.data.mapping.pairs.top) {
                let key = try child(pair.key, &document, depth: depth, line: line)
                entries.append((key, try child(pair.value, &document, depth: depth, line: line)))
            }
            return YAMLNode(content: .mapping(entries), line: line)
        }
    }

    private static func child(
        _ index: Int32,
        _ document: inout yaml_document_t,
        depth: Int,
        line: Int
    ) throws(YAMLFault) -> YAMLNode {
        guard let pointer = yaml_document_get_node(&document, index) else {
            throw YAMLFault("not readable", line: line)
        }
        return try node(pointer, &document, depth: depth + 1)
    }

    private static func indices<Element>(
        _ start: UnsafeMutablePointer<Element>?,
        _ top: UnsafeMutablePointer<Element>?
    ) -> UnsafeBufferPointer<Element> {
        guard let start, let top else { return UnsafeBufferPointer(start: nil, count: 0) }
        return UnsafeBufferPointer(start: start, count: top - start)
    }
}
