import GantryCore

/// A name inside a layer, relative to its root: absolute names are taken as relative, as every other runtime does, and `..` may not lead
/// out of the root.
///
/// Bytes, not text: a file name is whatever its archive says, in any encoding or none, and two that only look alike are two.
struct EntryName: Hashable, CustomStringConvertible {
    /// Without empty ones, `.` and `..`. None of them: the root itself.
    let components: [[UInt8]]

    /// What a file system takes.
    private static let maximumLength = 255

    /// - Throws: `invalid` for a name that leads out, or that no file can have.
    init(_ text: [UInt8]) throws(EngineError) {
        var components: [[UInt8]] = []
        for component in text.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                guard components.popLast() != nil else {
                    throw EngineError(.invalid, "entry \(Self.readable(text)): leads out of the layer")
                }
                continue
            }
            guard component.count <= Self.maximumLength, !component.contains(0) else {
                throw EngineError(.invalid, "entry \(Self.readable(text)): is a name that no file can have")
            }
            components.append(Array(component))
        }
        self.components = components
    }

    /// As the kernel resolves a path below a root: `..` of the root is the root.
    init(clamping text: [UInt8]) {
        var components: [[UInt8]] = []
        for component in text.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                _ = components.popLast()
            } else {
                components.append(Array(component))
            }
        }
        self.components = components
    }

    init(components: [[UInt8]]) {
        self.components = components
    }

    var isRoot: Bool { components.isEmpty }

    var last: [UInt8] { components.last ?? [UInt8(ascii: ".")] }

    var parent: EntryName { EntryName(components: components.dropLast()) }

    func sibling(_ name: [UInt8]) -> EntryName { EntryName(components: components.dropLast() + [name]) }

    /// For the kernel: relative, `.` for the root.
    var path: [CChar] {
        components.isEmpty
            ? [UInt8(ascii: ".")].terminated : Array(components.joined(separator: [UInt8(ascii: "/")])).terminated
    }

    /// The last component for the kernel.
    var lastPath: [CChar] { last.terminated }

    var description: String {
        components.isEmpty ? "." : Self.readable(Array(components.joined(separator: [UInt8(ascii: "/")])))
    }

    static func readable(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(500), as: UTF8.self)
    }
}

extension [UInt8] {
    /// With the NUL that the kernel wants.
    var terminated: [CChar] { map { CChar(truncatingIfNeeded: $0) } + [0] }
}
