// SPDX-License-Identifier: Apache-2.0

/// The name of a setting of the kernel, as sysctl(8) takes it.
///
/// `net.ipv4.conf.eth0/100.forwarding` and `net/ipv4/conf/eth0.100/forwarding` are one: whichever of `.` and `/` comes
/// first separates the parts, and the other stands for itself or for a dot inside a part.
package struct SysctlKey: Hashable, Sendable {
    /// The parts, none of which leads elsewhere.
    package let parts: [String]

    /// Reads a name; nil where it is none.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count <= 255, bytes.allSatisfy({ $0.isASCIIAlphanumeric || "._/:@*-".utf8.contains($0) }) else {
            return nil
        }
        let separator: Character = text.first { $0 == "." || $0 == "/" } ?? "."
        parts = text.split(separator: separator, omittingEmptySubsequences: false).map { part in
            separator == "." ? String(part).replacing("/", with: ".") : String(part)
        }
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.contains("*") }) else {
            return nil
        }
    }

    /// The name as it is mostly written: with dots between the parts.
    package var name: String {
        parts.map { $0.replacing(".", with: "/") }.joined(separator: ".")
    }

    /// Where the kernel has it.
    package var path: String { "/proc/sys/" + parts.joined(separator: "/") }

    /// The fault of a parameter that is no such name.
    static func fault(_ text: String, at pointer: String) -> [Fault] {
        SysctlKey(text) == nil
            ? [Fault(pointer: pointer, detail: "must be the name of a setting such as 'net.ipv4.ip_forward'")] : []
    }
}
