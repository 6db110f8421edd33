import GantryCore
import Glibc

/// One entry of a layer, its header checked.
struct TarEntry {
    enum Kind: Equatable {
        case file(size: Int64)
        case directory
        /// Bytes as they stand; never empty.
        case symbolicLink(target: [UInt8])
        /// To another entry of the same layer.
        case hardLink(target: EntryName)
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    let name: EntryName
    let kind: Kind
    /// The twelve permission bits, setuid and its like among them.
    let mode: mode_t
    let owner: uid_t
    let group: gid_t
    let modified: timespec
    let attributes: [(name: String, value: [UInt8])]

    init(
        _ header: TarHeader, _ pax: PaxRecords, name: [UInt8], link: [UInt8], size: Int64, _ limits: ImageLimits
    ) throws(EngineError) {
        self.name = try EntryName(name, limits)
        kind = try Self.kind(header, isNamedAsDirectory: name.last == UInt8(ascii: "/"), link, size, self.name, limits)
        mode = mode_t(header.mode & 0o7777)
        let ids = (pax.owner ?? header.owner, pax.group ?? header.group)
        guard let owner = uid_t(exactly: ids.0), let group = gid_t(exactly: ids.1), owner != uid_t.max,
            group != gid_t.max
        else { throw EngineError(.invalid, "entry \(self.name): its owner \(ids.0):\(ids.1) is out of range") }
        self.owner = owner
        self.group = group
        let time = pax.modified ?? (header.modified, 0)
        modified = timespec(tv_sec: Int(time.seconds), tv_nsec: time.nanoseconds)
        attributes = Self.attributes(pax)
    }

    /// Of these the size says nothing about content.
    static func isHeaderOnly(_ type: UInt8) -> Bool { (UInt8(ascii: "1")...UInt8(ascii: "6")).contains(type) }

    private static func kind(
        _ header: TarHeader, isNamedAsDirectory: Bool, _ link: [UInt8], _ size: Int64, _ name: EntryName,
        _ limits: ImageLimits
    ) throws(EngineError) -> Kind {
        guard size <= limits.fileLength else {
            throw EngineError.beyond(limits.fileLength, "bytes in one file").prefixed("entry \(name)")
        }
        switch header.type {
        // Before there was a type for directories, a name said it.
        case 0, UInt8(ascii: "0"): return isNamedAsDirectory ? .directory : .file(size: size)
        case UInt8(ascii: "7"), UInt8(ascii: "S"): return .file(size: size)
        case UInt8(ascii: "1"): return .hardLink(target: try EntryName(link, limits))
        case UInt8(ascii: "2"):
            guard !link.isEmpty else { throw EngineError(.invalid, "entry \(name): a symbolic link without a target") }
            guard link.count <= limits.pathBytes else {
                throw EngineError.beyond(limits.pathBytes, "bytes in a link's target").prefixed("entry \(name)")
            }
            return .symbolicLink(target: link)
        case UInt8(ascii: "3"):
            return .characterDevice(
                major: try number(header.deviceMajor, name), minor: try number(header.deviceMinor, name))
        case UInt8(ascii: "4"):
            return .blockDevice(
                major: try number(header.deviceMajor, name), minor: try number(header.deviceMinor, name))
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default: throw EngineError(.invalid, "entry \(name): is of a kind that a layer cannot hold")
        }
    }

    private static func number(_ device: Int64, _ name: EntryName) throws(EngineError) -> UInt32 {
        guard let number = UInt32(exactly: device) else {
            throw EngineError(.invalid, "entry \(name): there is no device of such a number")
        }
        return number
    }

    /// The extended attributes an image may set: of the user, file capabilities, ACLs. All others, `trusted.overlay.*` above all, which
    /// would steer overlayfs, are left out.
    private static func attributes(_ pax: PaxRecords) -> [(name: String, value: [UInt8])] {
        pax.attributes.compactMap { attribute in
            guard let name = String(validating: attribute.name, as: UTF8.self), isAllowed(name) else { return nil }
            return (name, attribute.value)
        }
    }

    static func isAllowed(_ attribute: String) -> Bool {
        let name = attribute.utf8
        guard !name.contains(0) else { return false }
        return name.starts(with: "user.".utf8) && !name.starts(with: "user.overlay.".utf8)
            || allowed.contains(attribute)
    }

    private static let allowed: Set<String> = [
        "security.capability", "system.posix_acl_access", "system.posix_acl_default",
    ]
}
