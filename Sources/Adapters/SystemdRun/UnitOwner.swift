import ByteText

/// Whose a pod's unit is, by the engine's data directory on its command line (`--dir=`), as systemd keeps it in the unit's file: a daemon that was
/// started on another directory, by mistake or since a disk is not mounted yet, must not take the pods of the first for nobody's.
struct UnitOwner {
    /// Where systemd has the files of transient units (systemd.unit(5)).
    var files = "/run/systemd/transient"
    /// Of this daemon's engine; empty: every unit is its own.
    let dataDirectory: String

    /// Whether the unit names data directories, and none of them is this daemon's. A unit that names none, or cannot be read, is not another's.
    func isAnothers(_ unit: String) -> Bool {
        // In what systemd would escape nothing is looked for.
        guard !dataDirectory.isEmpty, dataDirectory.utf8.allSatisfy(Self.isPlain) else { return false }
        let named = Self.directories(in: SmallFile.text("\(files)/\(unit)"))
        return !named.isEmpty && !named.has(dataDirectory)
    }

    private static func directories(in text: String) -> [Substring] {
        var found: [Substring] = []
        var rest = text[...]
        while let (_, behind) = rest.cut(atText: "--dir=") {
            let end = behind.utf8.firstIndex { !isPlain($0) } ?? behind.endIndex
            found.append(behind[..<end])
            rest = behind[end...]
        }
        return found
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIIAlphanumeric
            || [UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
    }
}
