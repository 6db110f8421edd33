import GantryCore
import Glibc

/// Writes a tar archive (POSIX.1-2017, pax) into a regular file. One file of it may be an archive itself, whose length nobody knows before.
final class TarWriter {
    /// What is told of an entry.
    struct Member {
        /// Relative, as bytes.
        var name: [UInt8]
        var type = UInt8(ascii: "0")
        var mode: mode_t = 0o600
        var owner: uid_t = 0
        var group: gid_t = 0
        var size: Int64 = 0
        var modified = timespec()
        var link: [UInt8] = []
        var major: UInt32 = 0
        var minor: UInt32 = 0
        var attributes: [(name: [UInt8], value: [UInt8])] = []
    }

    static let block = 512

    private let file: Int32
    private let path: String
    private var buffer: [UInt8] = []
    /// Bytes written, those in the buffer among them.
    private var position: Int64 = 0

    /// - Parameters:
    ///   - file: open for writing, at its start; stays the caller's.
    ///   - path: for errors.
    init(_ file: Int32, path: String) {
        self.file = file
        self.path = path
    }

    /// An entry without content, or what comes before it.
    func add(_ member: Member) throws(EngineError) {
        let records = Self.records(member)
        if !records.isEmpty {
            var extra = Member(name: Array("PaxHeaders.0/entry".utf8), type: UInt8(ascii: "x"))
            extra.size = Int64(records.count)
            try put(Self.header(extra))
            try put(records)
            try pad(extra.size)
        }
        try put(Self.header(member))
    }

    /// A file of these bytes.
    func add(_ name: String, _ content: [UInt8], modified: timespec) throws(EngineError) {
        var member = Member(name: Array(name.utf8))
        member.size = Int64(content.count)
        member.modified = modified
        try add(member)
        try put(content)
        try pad(member.size)
    }

    /// Content of an entry that was just added with this size, from where the descriptor stands.
    /// - Throws: `unavailable` where it is shorter: somebody is writing there.
    func content(of source: Int32, size: Int64, path name: String) throws(EngineError) {
        var left = size
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        while left > 0 {
            let got = read(source, &piece, Int(min(left, Int64(piece.count))))
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw .posix("reading \(name)", errno) }
            guard got > 0 else {
                throw EngineError(.unavailable, "\(name): was cut short while it was read; try again")
            }
            try put(piece[..<got])
            left -= Int64(got)
        }
        try pad(size)
    }

    /// A file of the archive that is an archive itself: what `body` adds.
    func nested(_ name: String, modified: timespec, _ body: () throws(EngineError) -> Void) throws(EngineError) {
        var member = Member(name: Array(name.utf8))
        member.modified = modified
        let place = position
        try put(Self.header(member))
        try body()
        try end()
        member.size = position - place - Int64(Self.block)
        try pad(member.size)
        try flush()
        let header = Self.header(member)
        let written = header.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, Int(place)) }
        guard written == header.count else { throw .posix("writing \(path)", written < 0 ? errno : EIO) }
    }

    func finish() throws(EngineError) {
        try end()
        try flush()
    }

    private func end() throws(EngineError) { try put([UInt8](repeating: 0, count: 2 * Self.block)) }

    private func pad(_ size: Int64) throws(EngineError) {
        let rest = Int(size % Int64(Self.block))
        if rest > 0 { try put([UInt8](repeating: 0, count: Self.block - rest)) }
    }

    private func put(_ bytes: some Collection<UInt8>) throws(EngineError) {
        buffer += bytes
        position += Int64(bytes.count)
        if buffer.count >= 1 << 20 { try flush() }
    }

    private func flush() throws(EngineError) {
        try OpenDirectory.writeAll(buffer, to: file, path: path)
        buffer.removeAll(keepingCapacity: true)
    }

    // MARK: Headers

    private static func header(_ member: Member) -> [UInt8] {
        var header: [UInt8] = []
        header.reserveCapacity(block)
        header += text(member.name, 100)
        header += number(Int64(member.mode & 0o7777), 8)
        header += number(Int64(member.owner), 8)
        header += number(Int64(member.group), 8)
        header += number(member.size, 12)
        header += number(Int64(member.modified.tv_sec), 12)
        header += [UInt8](repeating: UInt8(ascii: " "), count: 8)
        header.append(member.type)
        header += text(member.link, 100)
        header += Array("ustar\u{0}00".utf8)
        header += [UInt8](repeating: 0, count: 64)
        header += number(Int64(member.major), 8)
        header += number(Int64(member.minor), 8)
        header += [UInt8](repeating: 0, count: block - header.count)
        let sum = header.reduce(0) { $0 + Int64($1) }
        header.replaceSubrange(148..<156, with: octal(sum, 7) + [UInt8(ascii: " ")])
        return header
    }

    private static func text(_ bytes: [UInt8], _ width: Int) -> [UInt8] {
        let shown = bytes.prefix(width)
        return shown + [UInt8](repeating: 0, count: width - shown.count)
    }

    /// Octal digits and a NUL, or, for what does not fit, the number itself with its first bit set (GNU's form, which all read).
    private static func number(_ value: Int64, _ width: Int) -> [UInt8] {
        if value >= 0, value < 1 << (3 * (width - 1)) { return octal(value, width) }
        var bytes = (0..<width).map { place in
            UInt8(truncatingIfNeeded: value >> Int64(min(63, 8 * (width - 1 - place))))
        }
        bytes[0] = value < 0 ? 0xFF : 0x80
        return bytes
    }

    private static func octal(_ value: Int64, _ width: Int) -> [UInt8] {
        let digits = Array(String(value, radix: 8).utf8)
        return [UInt8](repeating: UInt8(ascii: "0"), count: max(0, width - 1 - digits.count)) + digits + [0]
    }

    /// What a plain header has no room for.
    private static func records(_ member: Member) -> [UInt8] {
        var records: [UInt8] = []
        if member.name.count > 100 { records += record(Array("path".utf8), member.name) }
        if member.link.count > 100 { records += record(Array("linkpath".utf8), member.link) }
        if member.modified.tv_nsec > 0, member.modified.tv_sec >= 0 {
            let fraction = String(member.modified.tv_nsec + 1_000_000_000).dropFirst()
            records += record(Array("mtime".utf8), Array("\(member.modified.tv_sec).\(fraction)".utf8))
        }
        for attribute in member.attributes {
            records += record(Array("SCHILY.xattr.".utf8) + attribute.name, attribute.value)
        }
        return records
    }

    /// `length key=value\n`, the length being that of all of it.
    private static func record(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        let rest = key.count + value.count + 3
        var length = rest
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        return Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
    }
}
