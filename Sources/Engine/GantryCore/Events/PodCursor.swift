import CGantry
import Glibc

/// Where a reader is in one pod's events.
struct PodCursor: Equatable {
    /// Of the pod's life; 0 while no file was seen.
    var begin: UInt64 = 0
    /// The number of the last event that is known.
    var last: UInt64 = 0
    /// Of the file that is being read: the number before its first event, and how far it has been read. Nil: to be found by `last`.
    private var place: (start: UInt64, offset: Int64)?

    static func == (left: PodCursor, right: PodCursor) -> Bool { left.begin == right.begin && left.last == right.last }

    /// A pod that nothing is known of: all there is of it is news.
    init() {}

    /// - Parameter last: 0 where the pod had no events yet.
    init(resumingAt last: UInt64) { self.last = last }

    enum Outcome: Equatable {
        /// The lines that are new, without line feeds, in order.
        case lines([[UInt8]])
        /// No such file.
        case absent
        /// The file is of another life of the pod.
        case other
        /// Not everything that is news is still there.
        case lost
    }

    /// Reads on to the end. Never waits: what is being written is read the next time.
    /// - Parameters:
    ///   - name: of the file in `directory`.
    ///   - previous: of the one before it; nil where there is none.
    mutating func read(
        _ directory: Int32, _ name: String, previous: String?, boot: String
    ) throws(EngineError) -> Outcome {
        guard let file = try EventFiles.openFile(directory, name) else { return .absent }
        guard let (header, end) = try EventFiles.header(file.raw), header.boot == boot else { return .lost }
        if begin == 0, last == 0 {
            guard header.sequence == header.begin else { return .lost }
            (begin, last, place) = (header.begin, header.begin, (header.sequence, end))
        } else if begin == 0 {
            let newest = try EventFiles.tail(file.raw).sequence ?? header.sequence
            guard header.begin <= last, last <= newest else { return .other }
            begin = header.begin
        }
        guard header.begin == begin else { return .other }
        var lines: [[UInt8]] = []
        if !enter(header, end) {
            guard let previous, let older = try EventFiles.openFile(directory, previous),
                let (olderHeader, olderEnd) = try EventFiles.header(older.raw), olderHeader.begin == begin,
                enter(olderHeader, olderEnd), try readOn(older.raw, into: &lines), enter(header, end)
            else { return .lost }
        }
        return try readOn(file.raw, into: &lines) ? .lines(lines) : .lost
    }

    /// The end of a pod's events now; nil where there are none.
    static func end(_ directory: Int32, _ uuid: PodUUID) throws(EngineError) -> PodCursor? {
        guard let file = try EventFiles.openFile(directory, uuid.string),
            let (header, _) = try EventFiles.header(file.raw)
        else { return nil }
        let tail = try EventFiles.tail(file.raw)
        var cursor = PodCursor()
        (cursor.begin, cursor.last) = (header.begin, tail.sequence ?? header.sequence)
        cursor.place = (header.sequence, tail.end)
        return cursor
    }

    /// Goes on in the file, or to its beginning; false where that is after what is missing.
    private mutating func enter(_ header: EventLine.Header, _ end: Int64) -> Bool {
        if place?.start == header.sequence { return true }
        guard header.sequence <= last else { return false }
        place = (header.sequence, end)
        return true
    }

    /// False where a number is missing.
    private mutating func readOn(_ file: Int32, into lines: inout [[UInt8]]) throws(EngineError) -> Bool {
        guard var place else { return false }
        var (last, isWhole) = (last, true)
        var found: [[UInt8]] = []
        place.offset = try EventFiles.lines(file, from: place.offset) { (line) throws(EngineError) in
            guard let sequence = EventLine.sequence(line), sequence > last else { return true }
            guard sequence == last + 1 else {
                isWhole = false
                return false
            }
            found.append(Array(line))
            last = sequence
            return true
        }
        self.place = place
        self.last = last
        lines += found
        return isWhole
    }
}
