import ByteText
import GantryCore

/// A name inside a layer, relative to its root: absolute names are taken as relative, as every other runtime does, and `..` may not lead
/// out of the root.
///
/// Bytes, not text: a file name is whatever its archive says, in any encoding or none, and two that only look alike are two.
struct EntryName: Equatable, CustomStringConvertible {
    /// Components with a slash between them, without empty ones, `.` and `..`. None of them: the root itself.
    let bytes: [UInt8]

    private static let slash = UInt8(ascii: "/")

    /// - Throws: `invalid` for a name that leads out, that no file can have, or that has more parts than are taken.
    init(_ name: [UInt8], _ limits: ImageLimits = .standard) throws(EngineError) {
        guard name.count <= limits.pathBytes else {
            throw EngineError.beyond(limits.pathBytes, "bytes in a name").prefixed("entry \(Self.readable(name))")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.count)
        var depth = 0
        for component in name.split(separator: Self.slash) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                guard depth > 0 else {
                    throw EngineError(.invalid, "entry \(Self.readable(name)): leads out of the layer")
                }
                depth -= 1
                bytes.removeSubrange((bytes.lastIndex(of: Self.slash) ?? 0)...)
                continue
            }
            guard component.count <= limits.componentBytes, !component.contains(0) else {
                throw EngineError(.invalid, "entry \(Self.readable(name)): is a name that no file can have")
            }
            depth += 1
            if !bytes.isEmpty { bytes.append(Self.slash) }
            bytes += component
        }
        self.bytes = bytes
        guard depth <= limits.depth else {
            throw EngineError.beyond(limits.depth, "directories in a name").prefixed("entry \(self)")
        }
    }

    /// As the kernel resolves a path below a root: `..` of the root is the root.
    init(clamping text: [UInt8]) {
        var bytes: [UInt8] = []
        for component in text.split(separator: Self.slash) {
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                bytes.removeSubrange((bytes.lastIndex(of: Self.slash) ?? 0)...)
                continue
            }
            if !bytes.isEmpty { bytes.append(Self.slash) }
            bytes += component
        }
        self.bytes = bytes
    }

    /// - Parameter bytes: cleaned already.
    init(cleaned bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isRoot: Bool { bytes.isEmpty }

    var components: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

    /// How many components it has.
    var depth: Int { bytes.isEmpty ? 0 : bytes.count { $0 == Self.slash } + 1 }

    var last: ArraySlice<UInt8> {
        if isRoot { return [UInt8(ascii: ".")] }
        return bytes[(bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0)...]
    }

    var parent: EntryName { EntryName(cleaned: Array(bytes[..<(bytes.lastIndex(of: Self.slash) ?? 0)])) }

    func sibling(_ name: [UInt8]) -> EntryName {
        EntryName(cleaned: Array(bytes[..<(bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0)]) + name)
    }

    /// For the kernel: relative, `.` for the root.
    var path: [CChar] { isRoot ? [UInt8(ascii: ".")].terminated : bytes.terminated }

    /// The last component for the kernel.
    var lastPath: [CChar] { Array(last).terminated }

    var description: String { isRoot ? "." : Self.readable(bytes) }

    /// For messages: what it does to a terminal or a log is the archive's choice.
    static func readable(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(500), as: UTF8.self).onOneLine
    }
}

extension [UInt8] {
    /// With the NUL that the kernel wants.
    var terminated: [CChar] {
        [CChar](unsafeUninitializedCapacity: count + 1) { space, used in
            for index in indices { space[index] = CChar(truncatingIfNeeded: self[index]) }
            space[count] = 0
            used = count + 1
        }
    }
}
