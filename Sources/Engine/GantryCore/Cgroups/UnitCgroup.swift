import ByteText
import Glibc

/// The cgroup of a pod's unit. The supervisor lives in `supervisor` below it, each app in a directory of its own name.
package struct UnitCgroup: Equatable, Sendable {
    package let layout: CgroupLayout
    /// As /proc/self/cgroup shows it.
    package let path: String
    /// Made by the supervisor and not by systemd, since it was started in somebody else's cgroup.
    package let isOwn: Bool

    package init(layout: CgroupLayout, path: String, isOwn: Bool = false) {
        self.layout = layout
        self.path = path
        self.isOwn = isOwn
    }

    /// Finds the unit's cgroup. A supervisor that is not alone in its cgroup was started by hand, say from a shell: everything below the
    /// pod's cgroup is killed in the end, so it takes one below.
    package static func claim(_ layout: CgroupLayout, uuid: PodUUID) throws(EngineError) -> UnitCgroup {
        guard let path = layout.ownUnitPath else {
            throw EngineError(.unsupported, "no cgroup hierarchy of systemd's is mounted at /sys/fs/cgroup")
        }
        guard let hierarchy = layout.hierarchies.first(where: { $0.key == "name=systemd" }) ?? layout.unified else {
            throw EngineError(.unsupported, "no cgroup hierarchy of systemd's is mounted at /sys/fs/cgroup")
        }
        let others = CgroupProcesses.direct(hierarchy.directory(path)).contains { $0 != getpid() }
        if path != "/" && !others { return UnitCgroup(layout: layout, path: path) }
        return UnitCgroup(layout: layout, path: (path == "/" ? "" : path) + "/" + ownName(uuid), isOwn: true)
    }

    static func ownName(_ uuid: PodUUID) -> String { "gantry-\(uuid)" }

    /// Moves this process into `supervisor`, in those hierarchies where the unit is, so that the unit's own cgroup is free of
    /// processes (which v2 asks for) and nothing of the supervisor counts as an app's.
    package func enterSupervisor() throws(EngineError) {
        for hierarchy in layout.hierarchies where isOwn ? isOwnHierarchy(hierarchy) : hierarchy.ownPath == path {
            let unit = hierarchy.directory(path)
            if isOwn { try Files.makeDirectory(unit) }
            let directory = unit + "/supervisor"
            try Files.makeDirectory(directory)
            if hierarchy.has("cpuset") { Self.fillCpuset(directory) }
            try Files.write(directory + "/cgroup.procs", "0")
        }
    }

    /// A cgroup for the init of a shared PID namespace, below the supervisor's, which is not to be the root of a cgroup namespace that a container
    /// could enter. Nil on v1, where containers are in the host's own cgroup namespace.
    package func makeInitCgroup() throws(EngineError) -> String? {
        guard layout.isUnified, let hierarchy = layout.unified else { return nil }
        let directory = hierarchy.directory(path) + "/supervisor/init"
        try Files.makeDirectory(directory)
        return directory
    }

    // By hand: the hierarchies in which systemd put the caller into one and the same place.
    private func isOwnHierarchy(_ hierarchy: CgroupHierarchy) -> Bool {
        path == (hierarchy.ownPath == "/" ? "" : hierarchy.ownPath) + "/" + path.lastPathComponent
    }

    /// The pod's directory in every hierarchy: crun makes it in all of them, whether systemd did or not.
    package var directories: [String: [String]] {
        var directories: [String: [String]] = [:]
        for hierarchy in layout.hierarchies { directories[hierarchy.mountPoint] = [hierarchy.directory(path)] }
        return directories
    }

    package func appPath(_ app: String) -> String { "\(path)/\(app)" }

    package func app(_ app: String) -> AppCgroup { AppCgroup(layout: layout, path: appPath(app)) }

    // v1: no process may enter a cpuset that has no processor or no memory node.
    static func fillCpuset(_ directory: String) {
        let parent = directory.cutLast(at: "/")?.before ?? ""
        for name in ["cpuset.cpus", "cpuset.mems"] {
            guard let own = try? Files.readText("\(directory)/\(name)"), own.trimmed.isEmpty,
                let text = try? Files.readText("\(parent)/\(name)")
            else { continue }
            try? Files.write("\(directory)/\(name)", text)
        }
    }
}
