import ByteText
import Glibc

/// The cgroup of one app, or of one command executed in it.
package struct AppCgroup: Equatable, Sendable {
    package let layout: CgroupLayout
    package let path: String

    package init(layout: CgroupLayout, path: String) {
        self.layout = layout
        self.path = path
    }

    package var directories: [String] { layout.hierarchies.map { $0.directory(path) } }

    /// Processes that the kernel's out-of-memory killer has killed in here or below, at whatever limit.
    ///
    /// v2: `oom_kill` of memory.events, which counts those below. v1: `oom_kill` of memory.oom_control counts one cgroup only, so that
    /// nested ones are added up.
    package func oomKills() -> Int {
        if let memory = layout.hierarchy(of: "memory") {
            return CgroupProcesses.tree(memory.directory(path)).map {
                Self.counter("oom_kill", in: $0 + "/memory.oom_control")
            }.saturatingSum
        }
        guard let unified = layout.unified else { return 0 }
        return Self.counter("oom_kill", in: unified.directory(path) + "/memory.events")
    }

    private static func counter(_ name: String, in file: String) -> Int {
        guard let text = try? Files.readText(file) else { return 0 }
        return counter(name, text: text)
    }

    package static func counter(_ name: String, text: String) -> Int {
        for line in text.words(at: "\n") {
            let words = line.words(at: " ")
            if words.count == 2 && words[0] == name { return Int(digits: words[1]) ?? 0 }
        }
        return 0
    }

    /// The name of a cgroup below.
    package func child(_ name: String) -> AppCgroup { AppCgroup(layout: layout, path: "\(path)/\(name)") }

    /// A cgroup below, in every hierarchy where this one is, for crun to put a command into.
    package func makeChild(_ name: String) throws(EngineError) -> AppCgroup {
        let child = child(name)
        for hierarchy in layout.hierarchies where Files.exists(hierarchy.directory(path)) {
            let directory = hierarchy.directory(child.path)
            try Files.makeDirectory(directory)
            if hierarchy.has("cpuset") { UnitCgroup.fillCpuset(directory) }
        }
        return child
    }

    /// Kills every process in here and below; does not wait.
    package func kill() {
        CgroupKill(directories: directories, layout: layout).signalOnce()
    }

    package var isEmpty: Bool {
        directories.allSatisfy { CgroupProcesses.tree($0).allSatisfy { CgroupProcesses.direct($0).isEmpty } }
    }

    /// Removes it and answers how many kernel kills only it had counted: v1 forgets them with it. Where something is still in use it may
    /// be tried again; no kill is counted twice.
    package func removeCounting() -> (isGone: Bool, kills: Int) {
        guard let memory = layout.hierarchy(of: "memory") else { return (remove(), 0) }
        let kills = oomKills()
        let isGone = remove()
        return (isGone, isGone || !Files.exists(memory.directory(path)) ? kills : 0)
    }

    /// Removes the directories; false where one is still in use.
    @discardableResult
    package func remove() -> Bool {
        directories.reduce(true) { CgroupProcesses.remove($1) && $0 }
    }
}
