import ByteText

/// Stops and resumes everything in an app's cgroup: the freezer of v1, or the cgroup's own on v2. What is stopped executes nothing of its own; a
/// signal that kills still does on v2, and on v1 once it is resumed.
package struct AppFreezer: Equatable, Sendable {
    private let control: String
    private let state: String
    private let isUnified: Bool

    /// Nil where the hierarchies have no freezer, or the app no cgroup in it.
    package init?(_ cgroup: AppCgroup) {
        if let hierarchy = cgroup.layout.hierarchy(of: "freezer") {
            control = hierarchy.directory(cgroup.path) + "/freezer.state"
            state = control
            isUnified = false
        } else if let hierarchy = cgroup.layout.unified {
            control = hierarchy.directory(cgroup.path) + "/cgroup.freeze"
            state = hierarchy.directory(cgroup.path) + "/cgroup.events"
            isUnified = true
        } else {
            return nil
        }
        guard Files.exists(control) else { return nil }
    }

    /// - Returns: false where it is stopped already, by somebody who will want to resume it himself, or cannot be.
    package func freeze() -> Bool {
        guard let text = try? Files.readText(control, limit: 64), !text.utf8.starts(with: (isUnified ? "1" : "FR").utf8)
        else { return false }
        return (try? Files.write(control, isUnified ? "1" : "FROZEN")) != nil
    }

    package func thaw() { try? Files.write(control, isUnified ? "0" : "THAWED") }

    /// Whether all of it has stopped. The kernel has no event for that on v1; it takes as long as a system call that is under way.
    package var isFrozen: Bool {
        guard let text = try? Files.readText(state, limit: 256) else { return true }
        if isUnified { return AppCgroup.counter("frozen", text: text) == 1 }
        return text.utf8.starts(with: "FROZEN".utf8)
    }
}
