import ByteText
import Glibc

/// cgroup v1: where systemd does not use a hierarchy, crun makes the whole way to a container's cgroup in it, slices included, and nobody
/// would ever remove those. What is missing before an app is made is written down as ours, for all pods in one place; what is there
/// already belongs to somebody else.
struct BorrowedSlices {
    /// `<run-dir>/engine/cgroups`.
    private let marks: String

    init(runDir: String) { marks = "\(runDir)/engine/cgroups" }

    /// Call it before crun makes something below `unit`.
    func note(_ unit: UnitCgroup) {
        guard !unit.layout.isUnified else { return }
        for hierarchy in unit.layout.hierarchies
        where Self.isForeign(hierarchy) && !Files.exists(hierarchy.directory(unit.path)) {
            for slice in Self.ancestors(of: hierarchy.directory(unit.path), below: hierarchy.mountPoint)
            where !Files.exists(slice) {
                guard let mark = mark(slice) else { continue }
                try? StoreFile.makeDirectories(marks, mode: 0o700)
                try? Files.write(mark, "", creating: 0o600)
            }
        }
    }

    /// Whether systemd never makes anything in the hierarchy; where it may, an empty slice is its business.
    private static func isForeign(_ hierarchy: CgroupHierarchy) -> Bool {
        !hierarchy.isUnified && !hierarchy.key.begins(with: "name=")
            && !["cpu", "blkio", "memory", "devices", "pids"].contains(where: hierarchy.has)
    }

    /// Removes what is ours of the way to a pod's directory, as far as nothing is in it any more.
    func remove(above directory: String, below mountPoint: String) {
        for slice in Self.ancestors(of: directory, below: mountPoint) {
            guard let mark = mark(slice), Files.exists(mark) else { return }
            // The mark stays: another pod may be about to have the slice made again.
            guard rmdir(slice) == 0 || errno == ENOENT else { return }
        }
    }

    /// Forgets slices that have been gone for an hour.
    func sweep() {
        for name in Files.entries(marks) {
            var info = stat()
            guard stat("\(marks)/\(name)", &info) == 0, Int64(info.st_mtim.tv_sec) + 3600 < Clock.now() / 1_000_000_000,
                !Files.exists(Self.slice(name))
            else { continue }
            unlink("\(marks)/\(name)")
        }
    }

    private static func slice(_ name: String) -> String {
        let parts = name.pieces(at: "%")
        return parts.dropFirst().reduce(String(parts[0])) { text, part in
            text + (part.without(prefix: "2f").map { "/\($0)" } ?? "%\(part.without(prefix: "25") ?? part)")
        }
    }

    /// Innermost first.
    static func ancestors(of directory: String, below mountPoint: String) -> [String] {
        var found: [String] = []
        var path = directory
        while let (parent, _) = path.cutLast(at: "/") {
            path = String(parent)
            guard path.begins(with: mountPoint + "/") else { break }
            found.append(path)
        }
        return found
    }

    private func mark(_ slice: String) -> String? {
        let name = slice.replacingByte("%", with: "%25").replacingByte("/", with: "%2f")
        return name.utf8.count < 250 ? "\(marks)/\(name)" : nil
    }
}
