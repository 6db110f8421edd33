import CGantry
import Glibc

/// /etc/passwd and /etc/group of a root file system. Both may be hostile: they are opened confined to it and bounded.
package struct RootfsUsers: Equatable, Sendable {
    struct Account: Equatable {
        var name: String
        var uid: Int64
        var gid: Int64
        var home: String
    }

    struct Group: Equatable {
        var name: String
        var gid: Int64
        var members: [String]
    }

    private let passwd: String
    private let group: String

    /// The texts of both files.
    package init(passwd: String, group: String) {
        self.passwd = passwd
        self.group = group
    }

    /// Reads both below the open directory `rootfs`; a missing file is an empty one.
    package static func read(rootfs: Int32) throws(EngineError) -> RootfsUsers {
        RootfsUsers(passwd: try text("etc/passwd", rootfs), group: try text("etc/group", rootfs))
    }

    private static func text(_ path: String, _ rootfs: Int32) throws(EngineError) -> String {
        // Non-blocking: an image may hold a FIFO there.
        let descriptor = gantry_open_in_root(rootfs, path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            if [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(errno) { return "" }
            throw .posix("open /\(path) of the image", errno)
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return "" }
        return String(
            decoding: try BoundedRead.all(descriptor, path: "/\(path) of the image", limit: 4 << 20), as: UTF8.self)
    }

    func account(named name: String) -> Account? { accounts.first { $0.name == name } }

    func account(uid: Int64) -> Account? { accounts.first { $0.uid == uid } }

    func group(named name: String) -> Group? { groups.first { $0.name == name } }

    /// The groups that list the user as a member.
    func groups(of member: String) -> [Int64] {
        groups.filter { $0.members.contains(member) }.map(\.gid)
    }

    // name:password:uid:gid:comment:home:shell (passwd(5)). A line that is not of that shape is passed over.
    private var accounts: some Sequence<Account> {
        passwd.split(separator: "\n").lazy.compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, !fields[0].isEmpty, let uid = Self.id(fields[2]), let gid = Self.id(fields[3])
            else {
                return nil
            }
            return Account(name: String(fields[0]), uid: uid, gid: gid, home: fields.count > 5 ? String(fields[5]) : "")
        }
    }

    // name:password:gid:member,member (group(5)).
    private var groups: some Sequence<Group> {
        group.split(separator: "\n").lazy.compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 3, !fields[0].isEmpty, let gid = Self.id(fields[2]) else { return nil }
            let members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            return Group(name: String(fields[0]), gid: gid, members: members)
        }
    }

    /// A user or group id as digits.
    static func id(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = Int64(text),
            id < 0xffff_ffff
        else { return nil }
        return id
    }
}
