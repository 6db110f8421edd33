import CGantry
import Glibc
import JSON

/// Follows the event log for one reader: a snapshot or the events after a number, then every event once, in order.
///
/// Not shared between threads. Reads files only, takes the log's lock for a moment where a state must stand still, and never
/// while the sink takes its time.
package final class EventStream {
    /// Takes complete JSON lines, each with its line feed.
    package typealias Sink = (UnsafeRawBufferPointer) throws(EngineError) -> Void

    /// Readable (poll(2)) when `drain` may have something; owned.
    package let wakeDescriptor: Int32
    private let store: PodStore
    private let directory: Int32
    private var file: Int32 = -1
    private var position: Int64 = 0
    private var last: UInt64 = 0
    private var boot = ""
    /// Called between reading to the end and looking whether the file was rotated: a test appends and rotates here.
    var atEnd: () throws(EngineError) -> Void = { () throws(EngineError) in }

    package init(store: PodStore) throws(EngineError) {
        self.store = store
        directory = try EventFiles.open(runDir: store.runDir)
        wakeDescriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard wakeDescriptor >= 0 else { throw .posix("watch the event log", errno) }
        let path = EventFiles.directory(runDir: store.runDir)
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)
        guard inotify_add_watch(wakeDescriptor, path, mask) >= 0 else {
            throw .posix("watch \(path)", errno)
        }
    }

    deinit {
        if file >= 0 { close(file) }
        close(directory)
        close(wakeDescriptor)
    }

    /// Begins after the event `sequence` of `boot`; where that is no longer possible a gap record says so and a snapshot follows.
    package func begin(after sequence: UInt64, boot: String, _ sink: Sink) throws(EngineError) {
        if try resume(after: sequence, boot: boot) { return }
        try gapAndSnapshot(sink)
    }

    /// Begins with a snapshot.
    package func beginWithSnapshot(_ sink: Sink) throws(EngineError) {
        try snapshot(gap: false, sink)
    }

    /// Hands on everything that was appended since, and forgets the wake-ups so far.
    package func drain(_ sink: Sink) throws(EngineError) {
        clearWakeUps()
        while true {
            try readOn(sink)
            try atEnd()
            let current = gantry_same_file(file, directory, EventFiles.current)
            if current == 1 { return }
            // Rotated: nobody writes to the old file any more, so this reads its very end.
            try readOn(sink)
            switch try next() {
            case .moved: continue
            case .notYet: return
            case .lost: try gapAndSnapshot(sink)
            }
        }
    }

    // MARK: Finding the place

    private enum Step {
        case moved, notYet, lost
    }

    /// Goes on to the file that continues after `last`.
    private func next() throws(EngineError) -> Step {
        for name in [EventFiles.current, EventFiles.previous] {
            let descriptor = gantry_openat(directory, name, O_RDONLY | O_NOFOLLOW, 0)
            guard descriptor >= 0 else {
                // Between the two renames of a rotation; the second one wakes us.
                if errno == ENOENT, name == EventFiles.current { return .notYet }
                if errno == ENOENT { return .lost }
                throw .posix("open the event log", errno)
            }
            if let header = try EventFiles.header(descriptor), header.boot == boot, header.sequence == last {
                adopt(descriptor, at: 0)
                return .moved
            }
            close(descriptor)
        }
        return .lost
    }

    private func resume(after sequence: UInt64, boot wanted: String) throws(EngineError) -> Bool {
        let newest = try EventLog(runDir: store.runDir).lastSequence()
        guard newest.boot == wanted, sequence <= newest.sequence else { return false }
        let lock = try EventFiles.lock(directory, LOCK_SH)
        defer { close(lock) }
        for name in [EventFiles.current, EventFiles.previous] {
            let descriptor = gantry_openat(directory, name, O_RDONLY | O_NOFOLLOW, 0)
            guard descriptor >= 0 else {
                if errno == ENOENT { continue }
                throw .posix("open the event log", errno)
            }
            if let header = try EventFiles.header(descriptor), header.boot == wanted, header.sequence <= sequence {
                adopt(descriptor, at: 0)
                (boot, last) = (wanted, sequence)
                return true
            }
            close(descriptor)
        }
        return false
    }

    private func adopt(_ descriptor: Int32, at offset: Int64) {
        if file >= 0 { close(file) }
        (file, position) = (descriptor, offset)
    }

    // MARK: Handing on

    private func readOn(_ sink: Sink) throws(EngineError) {
        position = try EventFiles.lines(file, from: position) { (line) throws(EngineError) in
            guard let sequence = EventLine.sequence(line), sequence > last else { return true }
            // The line feed is part of the file, just after the line.
            try sink(UnsafeRawBufferPointer(start: line.baseAddress, count: line.count + 1))
            last = sequence
            return true
        }
    }

    private func gapAndSnapshot(_ sink: Sink) throws(EngineError) {
        try snapshot(gap: true, sink)
    }

    /// The state is taken under the log's lock: a writer whose state is in the snapshot may still append the event, but none
    /// of an older state follows.
    private func snapshot(gap: Bool, _ sink: Sink) throws(EngineError) {
        _ = try EventLog(runDir: store.runDir).lastSequence()
        let pods = try takeState()
        let number = JSON(last)
        if gap { try emit(["type": "gap", "boot": .string(boot), "seq": number], sink) }
        try emit(["type": "snapshot", "boot": .string(boot), "seq": number], sink)
        for pod in pods { try emit(["type": "pod", "seq": number, "pod": pod.json], sink) }
        try emit(["type": "snapshot-end", "seq": number], sink)
    }

    private func takeState() throws(EngineError) -> [PodRecord] {
        let lock = try EventFiles.lock(directory, LOCK_SH)
        defer { close(lock) }
        let descriptor = gantry_openat(directory, EventFiles.current, O_RDONLY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else { throw .posix("open the event log", errno) }
        adopt(descriptor, at: 0)
        guard let header = try EventFiles.header(descriptor) else {
            throw EngineError(.internal, "the event log has no first line")
        }
        let tail = try EventFiles.tail(descriptor)
        (boot, last, position) = (header.boot, tail.sequence ?? header.sequence, tail.end)
        return try store.list()
    }

    private func emit(_ document: JSON, _ sink: Sink) throws(EngineError) {
        var text = document.serialized()
        text.append("\n")
        let bytes = Array(text.utf8)
        let failure: EngineError? = bytes.withUnsafeBytes { space in
            do throws(EngineError) {
                try sink(space)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    private func clearWakeUps() {
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
        defer { space.deallocate() }
        while read(wakeDescriptor, space.baseAddress, space.count) > 0 {}
    }
}
