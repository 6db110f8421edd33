import ByteText
import Domain
import Glibc

/// Reads the counters of a network namespace from outside, as a process in it sees them (proc(5), /proc/PID/net/dev).
struct NetworkReader: Sendable {
    /// A container that may make interfaces may make many.
    private static let mostInterfaces = 64
    /// What the engine has network plugins call a pod's interface.
    private static let main: StaticString = "eth0"

    let processes: String
    let clock: any WallClock

    /// Nil: none of the processes is in that namespace any more, or it has no interface but the loopback.
    func read(_ place: NetworkPlace) -> NetworkUsage? {
        guard let namespace = Identity(place.namespace) else { return nil }
        for process in place.processes {
            let directory = "\(processes)/\(process)"
            guard Identity(directory + "/ns/net") == namespace else { continue }
            let at = clock.now()
            let interfaces = KernelFile.read(directory + "/net/dev", in: AT_FDCWD, Self.interfaces) ?? []
            // Its number may be another's by now.
            guard Identity(directory + "/ns/net") == namespace else { continue }
            guard
                let main = interfaces.firstIndex(where: { $0.name.isSame(as: "\(Self.main)") })
                    ?? interfaces.indices.first
            else { return nil }
            var others = interfaces
            return NetworkUsage(at: at, main: others.remove(at: main), others: others)
        }
        return nil
    }

    /// Two lines of headings, then `name: ` with eight numbers of what was received and eight of what was sent.
    static func interfaces(_ text: KernelText) -> [InterfaceUsage] {
        var interfaces: [InterfaceUsage] = []
        text.eachLine { line in
            guard interfaces.count < mostInterfaces, let (name, rest) = line.cut(at: UInt8(ascii: ":")) else { return }
            let numbers = rest.string.words.map { UInt64(digits: $0) }
            let title = String(name.string.trimmed)
            guard numbers.count >= 16, !title.isEmpty, !title.isSame(as: "lo"),
                let received = direction(numbers[0..<8]), let sent = direction(numbers[8..<16])
            else { return }
            interfaces.append(InterfaceUsage(name: title, received: received, sent: sent))
        }
        return interfaces
    }

    private static func direction(_ numbers: ArraySlice<UInt64?>) -> InterfaceUsage.Direction? {
        let numbers = numbers.prefix(4).compactMap { $0 }
        guard numbers.count == 4 else { return nil }
        return InterfaceUsage.Direction(
            bytes: numbers[0], packets: numbers[1], errors: numbers[2], dropped: numbers[3])
    }

    private struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = status.st_dev
            inode = status.st_ino
        }
    }
}
