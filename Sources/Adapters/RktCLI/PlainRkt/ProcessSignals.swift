import CLinux
import Domain
import Glibc

/// Signals to the processes of a cgroup, which hit no other: between a number that was read and a signal to it, its process may have ended and another have
/// the number. A descriptor of the process (pidfd_open(2)) is of that one alone; after it is had, the cgroup must still list the number.
enum ProcessSignals {
    /// - Parameter members: the numbers in the cgroup now; nil where it is not to be found.
    /// - Returns: false where the cgroup is not to be found.
    static func send(_ signal: Signal, toAllOf members: () -> [Int32]?) -> Bool {
        guard let found = members() else { return false }
        let processes = found.filter { $0 > 1 }.map { (number: $0, descriptor: rktlet_pidfd_open($0)) }
        defer { for process in processes where process.descriptor >= 0 { close(process.descriptor) } }
        let left = Set(members() ?? [])
        for process in processes where process.descriptor >= 0 && left.contains(process.number) {
            rktlet_pidfd_send_signal(process.descriptor, signal.number)
        }
        return true
    }
}
