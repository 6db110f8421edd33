import ByteText
import CGantry
import Glibc

/// /etc/passwd and /etc/group of a root file system. Both may be hostile: they are opened confined to it, bounded, and compared by bytes.
/// Of several lines that fit the first one counts, as in getpwnam(3). A line whose ids are none is no line.
package struct RootfsUsers: Equatable, Sendable {
    struct Account: Equatable {
        var name: ArraySlice<UInt8>
        var uid: Int64
        var gid: Int64
        /// `/` where the line says nothing.
        var home: String
    }

    /// Of each file. It is read and searched while the pod's other apps wait.
    static let sizeLimit = 1 << 20
    /// What setgroups(2) takes.
    static let groupLimit = 65_536

    private let passwd: [UInt8]
    private let group: [UInt8]

    /// The texts of both files.
    package init(passwd: String, group: String) {
        self.init(passwd: Array(passwd.utf8), group: Array(group.utf8))
    }

    init(passwd: [UInt8], group: [UInt8]) {
        self.passwd = passwd
        self.group = group
    }

    /// Reads both below the open directory `rootfs`; a missing file is an empty one.
    package static func read(rootfs: Int32) throws(EngineError) -> RootfsUsers {
        RootfsUsers(passwd: try bytes("etc/passwd", rootfs), group: try bytes("etc/group", rootfs))
    }

    private static func bytes(_ path: String, _ rootfs: Int32) throws(EngineError) -> [UInt8] {
        // An image may hold a FIFO there, or any device of the host: those are no files, and not opened.
        let descriptor = gantry_open_file_in_root(rootfs, path)
        guard descriptor >= 0 else {
            if [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(errno) { return [] }
            throw .posix("open /\(path) of the image", errno)
        }
        defer { close(descriptor) }
        return try BoundedRead.all(descriptor, path: "/\(path) of the image", limit: sizeLimit)
    }

    // name:password:uid:gid:comment:home:shell (passwd(5))
    func account(named name: some StringProtocol) -> Account? {
        let name = Array(name.utf8)
        return Self.first(in: passwd) { line in
            guard line.field(0) == name[...] else { return nil }
            return Self.account(line)
        }
    }

    func account(uid: Int64) -> Account? {
        Self.first(in: passwd) { line in
            guard line.field(2).flatMap(AccountText.id) == uid else { return nil }
            return Self.account(line)
        }
    }

    // name:password:gid:member,member (group(5))
    func group(named name: some StringProtocol) -> Int64? {
        let name = Array(name.utf8)
        return Self.first(in: group) { line in
            guard !name.isEmpty, line.field(0) == name[...] else { return nil }
            return line.field(2).flatMap(AccountText.id)
        }
    }

    /// The groups that list the user as a member, each once; one more than `groupLimit` where there are too many.
    func groups(of member: ArraySlice<UInt8>) -> [Int64] {
        var found: [Int64] = []
        var seen: Set<Int64> = []
        let _: Never? = Self.first(in: group) { line in
            guard found.count <= Self.groupLimit, line.field(0)?.isEmpty == false,
                let gid = line.field(2).flatMap(AccountText.id), line.field(3)?.lists(member) == true
            else { return nil }
            if seen.insert(gid).inserted { found.append(gid) }
            return nil
        }
        return found
    }

    private static func account(_ line: ArraySlice<UInt8>) -> Account? {
        guard let name = line.field(0), !name.isEmpty, let uid = line.field(2).flatMap(AccountText.id),
            let gid = line.field(3).flatMap(AccountText.id)
        else { return nil }
        let home = String(decoding: line.field(5) ?? [], as: UTF8.self)
        return Account(name: name, uid: uid, gid: gid, home: home.isEmpty ? "/" : home)
    }

    /// What `look` makes of the first line that it makes something of.
    private static func first<Found>(in text: [UInt8], _ look: (ArraySlice<UInt8>) -> Found?) -> Found? {
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            if let found = look(rest[..<end]) { return found }
            rest = rest[min(end + 1, rest.endIndex)...]
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    /// What stands between the colons number `index` and the next; nil where there are not so many. It allocates nothing.
    fileprivate func field(_ index: Int) -> ArraySlice<UInt8>? {
        var rest = self
        for _ in 0..<index {
            guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            rest = rest[(colon + 1)...]
        }
        return rest[..<(rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex)]
    }

    /// Whether `member` is one of those with commas between them.
    fileprivate func lists(_ member: ArraySlice<UInt8>) -> Bool {
        guard !member.isEmpty else { return false }
        var rest = self
        while true {
            let comma = rest.firstIndex(of: UInt8(ascii: ","))
            if rest[..<(comma ?? rest.endIndex)] == member { return true }
            guard let comma else { return false }
            rest = rest[(comma + 1)...]
        }
    }
}
