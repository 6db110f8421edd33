import ByteText
import Dispatch
import Glibc
import Synchronization

/// Readies the kernel for processes that are about to be moved between cgroups.
///
/// A move takes a lock that is cheap for everybody else and dear for the mover: the first one after a quiet time waits until all processors
/// have noticed, 10 ms and more (`cgroup_threadgroup_rwsem`, an RCU grace period); one that follows within that time does not. A pod's start
/// moves processes three times, each after a pause: systemd its main process, the supervisor itself, crun the container. Said early, the wait
/// is over when they come to it.
package final class CgroupMoves: Sendable {
    private let queue = DispatchQueue(label: "rktlet.cgroup-moves")
    private let isUnderWay = Atomic<Bool>(false)
    private let root: String

    /// - Parameter root: where the hierarchies are mounted.
    package init(root: String = "/sys/fs/cgroup") { self.root = root }

    /// Returns at once; best effort. What is moved is this process, to where it is already.
    package func expect() {
        guard !isUnderWay.exchange(true, ordering: .acquiring) else { return }
        queue.async { [self] in
            _ = moveToSamePlace()
            isUnderWay.store(false, ordering: .releasing)
        }
    }

    /// - Returns: whether the kernel has taken it; false where this process may not write there.
    func moveToSamePlace() -> Bool {
        guard let file = ownProcesses() else { return false }
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return write(descriptor, "0", 1) == 1
    }

    /// `cgroup.procs` of this process's own cgroup, in version 2 where there is one (cgroups(7), /proc/PID/cgroup).
    private func ownProcesses() -> String? {
        guard let text = CgroupFile.text("/proc/self/cgroup") else { return nil }
        var places: [String] = []
        for line in text.words(at: "\n") {
            let fields = line.pieces(at: ":", maxPieces: 3)
            guard fields.count == 3 else { continue }
            if fields[0] == "0" { places += [root + fields[2], "\(root)/unified\(fields[2])"] }
            if fields[1] == "name=systemd" { places.append("\(root)/systemd\(fields[2])") }
        }
        return places.lazy.map { $0 + "/cgroup.procs" }.first { access($0, W_OK) == 0 }
    }
}
