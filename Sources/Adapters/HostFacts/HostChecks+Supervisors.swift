import ByteText
import Glibc

/// The supervisors that run beside the one that a new pod would get.
extension HostChecks {
    private static let mostNamed = 32

    /// Which pods have the supervisor of another build: an upgrade leaves each with the one that it was started with. Nil where the engine has none.
    ///
    /// - Parameter processes: the main processes of the pods' units, by the pods' names.
    package func supervisors(_ processes: [String: UInt32]) -> HostCheck? {
        let name = "supervisors"
        guard let path = supervisorPath, var installed = SameProgram(path) else { return nil }
        var (count, others) = (0, [String]())
        for (pod, process) in processes {
            // One that ended meanwhile has no program any more.
            guard let isInstalled = installed.isThat(at: "/proc/\(process)/exe") else { continue }
            count += 1
            if !isInstalled { others.append(pod) }
        }
        guard !others.isEmpty else {
            return .ok(name, count == 0 ? "no pod runs" : "those of all \(count) pods are the installed build")
        }
        let named = others.sortedByBytes().prefix(Self.mostNamed).joined(separator: ", ")
        let rest = others.count > Self.mostNamed ? " and \(others.count - Self.mostNamed) more" : ""
        return HostCheck(
            name, .warning, "\(others.count) of \(count) pods have one of another build than \(path): \(named)\(rest)",
            remedy: "they go on, and the daemon drives them; a pod gets the installed one when it is made anew")
    }
}
