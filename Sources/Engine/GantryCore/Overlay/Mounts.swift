import ByteText
import Glibc

/// What is mounted, as this process sees it.
package enum Mounts {
    /// Mount points at `path` and below, from a text in the format of /proc/self/mountinfo, later ones first.
    package static func below(_ path: String, mountinfo: String) -> [String] {
        let prefix = path + "/"
        var found: [String] = []
        for line in mountinfo.words(at: "\n") {
            // 36 35 98:0 /root /mount-point options...
            let fields = line.words(at: " ", maxWords: 6)
            guard fields.count > 5 else { continue }
            let point = unescape(fields[4])
            if point.isSame(as: path) || point.begins(with: prefix) { found.append(point) }
        }
        return found.reversed()
    }

    /// Unmounts everything at `path` and below. Busy mounts are detached: they go when their last user goes.
    package static func unmountAll(below path: String) throws(EngineError) {
        var failure: EngineError?
        for point in below(path, mountinfo: try Files.readText("/proc/self/mountinfo", limit: 64 << 20)) {
            do throws(EngineError) { try unmount(point) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Unmounts one; one that is not mounted is fine.
    package static func unmount(_ point: String) throws(EngineError) {
        let detach: Int32 = 2
        let noFollow: Int32 = 8
        if umount2(point, detach | noFollow) == 0 || errno == EINVAL || errno == ENOENT { return }
        throw .posix("unmount \(point)", errno)
    }

    /// Blanks and the like are written as a backslash with three octal digits.
    static func unescape(_ field: Substring) -> String {
        guard field.utf8.contains(UInt8(ascii: "\\")) else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
                bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
