import ByteText
import Glibc

/// The processes of cgroups.
package enum CgroupProcesses {
    /// Of one directory, without those below.
    package static func direct(_ directory: String) -> [pid_t] {
        guard let text = try? Files.readText(directory + "/cgroup.procs") else { return [] }
        // 0 stands for a process of a PID namespace that this one cannot see.
        return text.words(at: "\n").compactMap { pid_t(digits: $0) }.filter { $0 > 0 }
    }

    /// The directories below, deepest first, and the directory itself last.
    package static func tree(_ directory: String) -> [String] {
        var all: [String] = []
        for name in subdirectories(directory) { all += tree("\(directory)/\(name)") }
        all.append(directory)
        return all
    }

    package static func subdirectories(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes the directory and those below; false where one is still in use.
    @discardableResult
    package static func remove(_ directory: String) -> Bool {
        if rmdir(directory) == 0 || errno == ENOENT { return true }
        var all = true
        for path in tree(directory) where rmdir(path) != 0 && errno != ENOENT { all = false }
        return all
    }
}
