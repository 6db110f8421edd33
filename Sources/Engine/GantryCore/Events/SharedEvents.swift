import CGantry
import Glibc

/// Where a reader is in the log that the supervisors of older engines share: they run on after an upgrade, and tell of their pods
/// there. It is only read, and without its lock. Whatever cleans up such a pod tells of it in the pod's own events, so that a reader of those reads
/// this log first.
final class SharedEvents {
    private let directory: Int32
    private let boot: String
    private var file: Descriptor
    private var position: Int64
    /// The number of the last event that is known.
    private(set) var last: UInt64

    private init(_ directory: Int32, _ boot: String, _ file: Descriptor, position: Int64, last: UInt64) {
        self.directory = directory
        self.boot = boot
        self.file = file
        self.position = position
        self.last = last
    }

    /// At its end; nil where no engine that is older has run in this boot.
    static func end(_ directory: Int32, boot: String) throws(EngineError) -> SharedEvents? {
        guard let (file, header, _) = try open(directory, EventFiles.shared, boot: boot) else { return nil }
        let tail = try EventFiles.tail(file.raw)
        return SharedEvents(
            directory, boot, file, position: tail.end, last: tail.sequence ?? header.sequence)
    }

    enum Resumed {
        case at(SharedEvents)
        /// There is no such log.
        case none
        case lost
    }

    /// - Parameter last: nil: there was no such log.
    static func resume(after last: UInt64?, _ directory: Int32, boot: String) throws(EngineError) -> Resumed {
        guard let newest = try end(directory, boot: boot) else { return last == nil ? .none : .lost }
        let last = last ?? 0
        guard last <= newest.last else { return .lost }
        for name in [EventFiles.shared, EventFiles.previousShared] {
            if let (file, header, end) = try open(directory, name, boot: boot), header.sequence <= last {
                return .at(SharedEvents(directory, boot, file, position: end, last: last))
            }
        }
        return .lost
    }

    private static func open(
        _ directory: Int32, _ name: String, boot: String
    ) throws(EngineError) -> (Descriptor, EventLine.Header, end: Int64)? {
        guard let file = try EventFiles.openFile(directory, name), let (header, end) = try EventFiles.header(file.raw),
            header.boot == boot
        else { return nil }
        return (file, header, end)
    }

    /// Hands on every line that is new. False where something was lost.
    func drain(_ body: (UnsafeRawBufferPointer, UInt64) throws(EngineError) -> Void) throws(EngineError) -> Bool {
        while true {
            try readOn(body)
            if gantry_same_file(file.raw, directory, EventFiles.shared) == 1 { return true }
            // Rotated: nobody writes to the old file any more, so this reads its very end.
            try readOn(body)
            guard let next = try next() else {
                // Between the two renames of a rotation; the second one wakes the reader.
                return !Self.exists(directory, EventFiles.shared)
            }
            (file, position) = next
        }
    }

    private static func exists(_ directory: Int32, _ name: String) -> Bool {
        faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// The file that goes on after `last`.
    private func next() throws(EngineError) -> (Descriptor, Int64)? {
        for name in [EventFiles.shared, EventFiles.previousShared] {
            if let (file, header, end) = try Self.open(directory, name, boot: boot), header.sequence == last {
                return (file, end)
            }
        }
        return nil
    }

    private func readOn(_ body: (UnsafeRawBufferPointer, UInt64) throws(EngineError) -> Void) throws(EngineError) {
        position = try EventFiles.lines(file.raw, from: position) { (line) throws(EngineError) in
            guard let sequence = EventLine.sequence(line), sequence > last else { return true }
            try body(line, sequence)
            last = sequence
            return true
        }
    }
}
