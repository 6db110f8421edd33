import ByteText
import Dispatch
import Glibc
import Synchronization

/// Tells of changes in a few directories, those too that do not exist yet, by an inotify(7) instance of its own.
///
/// Of one that does not exist the nearest directory above it is watched. A directory that goes, or comes, is a change like others: whoever
/// hears of one calls ``watch(_:)`` again, and then looks.
package final class DirectoriesWatch: Sendable {
    private static let changes =
        UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_ATTRIB) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM)
        | UInt32(IN_DELETE) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

    /// Yields after changes; several of them may be one.
    package let wakeups: AsyncStream<Void>

    private let wake: AsyncStream<Void>.Continuation
    private let descriptor: Int32
    private let events: UInt32
    /// Safe: made, activated and cancelled once, which a source allows from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let watched = Mutex<Set<Int32>>([])

    /// Nil when the kernel gives no more instances (`fs.inotify.max_user_instances`).
    ///
    /// - Parameter includingWrites: whether each write to a file is told, and not only the end of them.
    package init?(includingWrites: Bool = false) {
        events = includingWrites ? Self.changes | UInt32(IN_MODIFY) : Self.changes
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: DispatchQueue(label: "directories"))
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [wake] in
            Self.drain(descriptor)
            wake.yield()
        }
        source.activate()
    }

    deinit {
        source.cancel()
        wake.finish()
    }

    /// Something else than a file has changed: whoever waits looks again.
    package func nudge() { wake.yield() }

    /// These are the directories from now on. A watch that stands stays as it is; what happens from the return on is told.
    package func watch(_ directories: [String]) {
        watched.withLock { watched in
            var wanted: Set<Int32> = []
            for directory in directories { if let watch = place(directory) { wanted.insert(watch) } }
            for gone in watched.subtracting(wanted) { inotify_rm_watch(descriptor, gone) }
            watched = wanted
        }
    }

    /// The watch of a directory, or of what is nearest above it; none where nothing can be watched.
    private func place(_ directory: String) -> Int32? {
        while true {
            let nearest = Self.nearest(directory)
            let watch = inotify_add_watch(descriptor, nearest, events)
            // One that was made in between would be missed.
            if Self.nearest(directory) == nearest { return watch >= 0 ? watch : nil }
        }
    }

    private static func nearest(_ directory: String) -> String {
        var path = directory[...]
        while path != "/", !HostFiles.isDirectory(String(path)) { path = path.parentPath ?? "/" }
        return String(path)
    }

    private static func drain(_ descriptor: Int32) {
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
            while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
        }
    }
}
