import GantryCore

/// A name inside a layer, relative to its root: absolute names are taken as relative, as every other runtime does, and `..` may not lead
/// out of the root.
struct EntryName: Hashable, CustomStringConvertible {
    /// Without empty ones, `.` and `..`. None of them: the root itself.
    let components: [String]

    /// - Throws: `invalid` for a name that leads out.
    init(_ text: String) throws(EngineError) {
        var components: [String] = []
        for component in text.utf8.split(separator: UInt8(ascii: "/")) {
            switch String(decoding: component, as: UTF8.self) {
            case ".": break
            case "..":
                guard components.popLast() != nil else {
                    throw EngineError(.invalid, "entry \(text): leads out of the layer")
                }
            case let name: components.append(name)
            }
        }
        self.components = components
    }

    /// As the kernel resolves a path below a root: `..` of the root is the root.
    init(clamping text: String) {
        var components: [String] = []
        for component in text.utf8.split(separator: UInt8(ascii: "/")) {
            switch String(decoding: component, as: UTF8.self) {
            case ".": break
            case "..": _ = components.popLast()
            case let name: components.append(name)
            }
        }
        self.components = components
    }

    private init(components: [String]) {
        self.components = components
    }

    var isRoot: Bool { components.isEmpty }

    var last: String { components.last ?? "." }

    var parent: EntryName { EntryName(components: components.dropLast()) }

    func sibling(_ name: String) -> EntryName { EntryName(components: components.dropLast() + [name]) }

    /// For the kernel: relative, `.` for the root.
    var path: String { components.isEmpty ? "." : components.joined(separator: "/") }

    var description: String { path }
}
