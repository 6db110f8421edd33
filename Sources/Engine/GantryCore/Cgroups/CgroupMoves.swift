import Glibc
import Synchronization

/// Readies the kernel for a process that is about to be moved between cgroups, and keeps it ready (docs/adr/0011).
///
/// The first move after a quiet time waits until all processors have noticed, 10 ms and more; one that follows within that time does not. A
/// service manager makes one to run a unit's `ExecStopPost=`, as soon as the unit's main process has ended: said while that still undoes the
/// pod, the wait is over by then.
package final class CgroupMoves: Sendable {
    private let isOver = Atomic(false)
    /// Between two moves, in microseconds: well below the time for which the kernel stays ready.
    private static let pause: UInt32 = 4000
    /// A pod's end that takes longer waits for something else.
    private static let limit: Int64 = 500_000_000

    package init() {}

    /// Moves this process to where it is already, again and again, until `end`. Best effort: nothing is changed by it.
    package func keepReady() {
        guard let file = Self.ownProcesses,
            let descriptor = try? Descriptor(open(file, O_WRONLY | O_CLOEXEC), "open \(file)")
        else { return }
        let deadline = Clock.monotonic() + Self.limit
        while !isOver.load(ordering: .acquiring), Clock.monotonic() < deadline {
            guard write(descriptor.raw, "0", 1) == 1 else { return }
            usleep(Self.pause)
        }
    }

    package func end() { isOver.store(true, ordering: .releasing) }

    /// `cgroup.procs` of this process's own cgroup, in the hierarchy that systemd keeps.
    private static var ownProcesses: String? {
        let hierarchies = (try? CgroupLayout.current())?.hierarchies ?? []
        let own = hierarchies.first { $0.key == "name=systemd" } ?? hierarchies.first { $0.isUnified }
        return own.map { $0.directory($0.ownPath) + "/cgroup.procs" }
    }
}
