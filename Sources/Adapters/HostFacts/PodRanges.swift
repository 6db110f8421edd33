import ByteText
import Glibc
import Synchronization

/// The node's ranges of pod addresses, as the kubelet told them (CRI `UpdateRuntimeConfig`).
///
/// It tells them when they change and not to a daemon that was started anew: they are kept in a file that lives as long as the host's boot.
package final class PodRanges: Sendable {
    private let path: String?
    private let text: Mutex<String>

    /// - Parameter path: of the file; nil: nothing is kept.
    package init(keptAt path: String? = nil) {
        self.path = path
        let kept = path.flatMap { HostFiles.text(of: $0, limit: 4096) } ?? ""
        text = Mutex(kept.pieces(at: ",").allSatisfy { AddressRange.isValid($0) } ? kept : "")
        if let path, !HostFiles.exists(path) {
            if let directory = path.parentPath { mkdir(String(directory), 0o700) }
            Self.write("", to: path)
        }
    }

    /// As they were told, separated by commas; empty before.
    package var told: String { text.withLock { $0 } }

    package var current: [String] { told.words(at: ",").map(String.init) }

    /// What cannot be written is in force all the same, as long as this process lives.
    package func set(_ ranges: String) {
        text.withLock { text in
            text = ranges
            if let path { Self.write(ranges, to: path) }
        }
    }

    private static func write(_ ranges: String, to path: String) {
        let new = "\(path).new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return }
        let bytes = Array(ranges.utf8)
        let isWhole = Glibc.write(descriptor, bytes, bytes.count) == bytes.count
        close(descriptor)
        if isWhole { rename(new, path) } else { unlink(new) }
    }
}
