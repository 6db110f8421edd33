import ByteText
import CGantry
import Glibc

/// Wakes readers of events (inotify(7)): two watches, however many pods there are. A reader that does not look costs nobody anything: what it
/// misses the kernel drops, and says so.
package final class EventWatch {
    /// Readable (poll(2)) when there is something; owned.
    package let descriptor: Int32
    private let removed: Int32

    /// Whose files changed.
    struct Woken {
        /// Names in the directory of events.
        var names: Set<ByteString> = []
        var isRemoved = false
        /// So much happened that nobody knows what.
        var isEverything = false
    }

    package init(runDir: String) throws(EngineError) {
        let path = EventFiles.directory(runDir: runDir)
        try StoreFile.makeDirectories("\(path)/\(EventFiles.removed)", mode: PrivateDirectories.mode)
        descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0 else { throw .posix("watch the events", errno) }
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM)
        guard inotify_add_watch(descriptor, path, mask) >= 0 else {
            let number = errno
            close(descriptor)
            throw .posix("watch \(path)", number)
        }
        removed = inotify_add_watch(descriptor, "\(path)/\(EventFiles.removed)", UInt32(IN_MOVED_TO))
        guard removed >= 0 else {
            let number = errno
            close(descriptor)
            throw .posix("watch \(path)/\(EventFiles.removed)", number)
        }
    }

    deinit { close(descriptor) }

    /// What has happened since the last call.
    @discardableResult
    func take() -> Woken {
        var woken = Woken()
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 8)
        defer { space.deallocate() }
        while true {
            let got = read(descriptor, space.baseAddress, space.count)
            if got <= 0 { return woken }
            add(UnsafeRawBufferPointer(rebasing: space[..<got]), to: &woken)
        }
    }

    /// Forgets what has happened so far.
    package func clear() { take() }

    // struct inotify_event: int watch, u32 mask, u32 cookie, u32 length of the name with its NULs.
    private func add(_ bytes: UnsafeRawBufferPointer, to woken: inout Woken) {
        var offset = 0
        while offset + 16 <= bytes.count {
            let watch = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
            let mask = bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
            guard offset + 16 + length <= bytes.count else { return }
            if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                woken.isEverything = true
            } else if watch == removed {
                woken.isRemoved = true
            } else {
                let name = bytes[(offset + 16)..<(offset + 16 + length)].prefix { $0 != 0 }
                woken.names.insert(ByteString(String(decoding: name, as: UTF8.self)))
            }
            offset += 16 + length
        }
    }
}
