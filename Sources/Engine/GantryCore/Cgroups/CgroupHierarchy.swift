import ByteText
import CGantry
import Glibc

/// One cgroup hierarchy of the host: the unified one (v2), or one of v1 with its controllers.
package struct CgroupHierarchy: Equatable, Sendable {
    /// As /proc/self/cgroup names it: empty for the unified one, `name=systemd`, `cpu,cpuacct`, `memory`.
    package let key: String
    package let mountPoint: String
    /// Where this process is.
    package let ownPath: String

    package var isUnified: Bool { key.isEmpty }

    package func has(_ controller: String) -> Bool { key.words(at: ",").contains { $0 == controller } }

    package func directory(_ path: String) -> String { path == "/" ? mountPoint : mountPoint + path }
}

/// The cgroup hierarchies of the host, as systemd mounts them.
package struct CgroupLayout: Equatable, Sendable {
    package let hierarchies: [CgroupHierarchy]
    /// Only v2 (unified), with every controller in it.
    package let isUnified: Bool

    init(hierarchies: [CgroupHierarchy], isUnified: Bool = false) {
        self.hierarchies = hierarchies
        self.isUnified = isUnified
    }

    /// - Parameter membership: the content of /proc/self/cgroup.
    package init(membership: String, isUnified: Bool, exists: (String) -> Bool) {
        self.isUnified = isUnified
        hierarchies = membership.words(at: "\n").compactMap { line in
            let fields = line.pieces(at: ":", maxPieces: 3)
            guard fields.count == 3 else { return nil }
            let key = String(fields[1])
            // An ancestor's cgroup, seen from inside a cgroup namespace, begins with "/..".
            guard let mountPoint = Self.mountPoint(key, isUnified: isUnified, exists: exists) else { return nil }
            return CgroupHierarchy(key: key, mountPoint: mountPoint, ownPath: String(fields[2]))
        }
    }

    /// Of the host this runs on.
    package static func current() throws(EngineError) -> CgroupLayout {
        let filesystem = gantry_filesystem("/sys/fs/cgroup")
        guard filesystem >= 0 else { throw .posix("look at /sys/fs/cgroup", errno) }
        let magicOfCgroup2: Int64 = 0x6367_7270
        return CgroupLayout(
            membership: try Files.readText("/proc/self/cgroup"), isUnified: filesystem == magicOfCgroup2,
            exists: Files.exists)
    }

    private static func mountPoint(_ key: String, isUnified: Bool, exists: (String) -> Bool) -> String? {
        let root = "/sys/fs/cgroup"
        if isUnified { return key.isEmpty ? root : nil }
        if key.isEmpty { return exists(root + "/unified/cgroup.procs") ? root + "/unified" : nil }
        if let name = key.without(prefix: "name=") { return existing(root + "/" + name, exists) }
        if let joined = existing(root + "/" + key, exists) { return joined }
        return key.words(at: ",").compactMap { existing(root + "/" + $0, exists) }.first
    }

    private static func existing(_ path: String, _ exists: (String) -> Bool) -> String? {
        exists(path + "/cgroup.procs") ? path : nil
    }

    /// The cgroup that systemd put this process into.
    package var ownUnitPath: String? {
        let systemd = hierarchies.first { $0.key == "name=systemd" } ?? hierarchies.first { $0.isUnified }
        return systemd?.ownPath
    }

    package func hierarchy(of controller: String) -> CgroupHierarchy? { hierarchies.first { $0.has(controller) } }

    package var unified: CgroupHierarchy? { hierarchies.first { $0.isUnified } }
}
