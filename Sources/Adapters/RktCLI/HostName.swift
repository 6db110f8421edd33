import ByteText
import SmallFiles

/// What the kernel calls this host.
package enum HostName {
    /// Empty when it cannot be told.
    package static func current() -> String {
        SmallFile.text(of: "/proc/sys/kernel/hostname").map { String($0.trimmed) } ?? ""
    }
}
