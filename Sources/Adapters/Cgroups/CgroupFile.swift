import ByteText
import Glibc

/// The two forms in which the kernel writes a cgroup's numbers.
enum CgroupFile {
    /// A file that is one number; nil when it is absent or says `max`.
    static func number(_ path: String) -> UInt64? {
        guard let text = text(path) else { return nil }
        return UInt64(digits: text.upTo("\n"))
    }

    /// A file of lines `name number`; empty when it is absent.
    static func table(_ path: String) -> [String: UInt64] {
        var table: [String: UInt64] = [:]
        for line in (text(path) ?? "").words(at: "\n") {
            let words = line.words(at: " ")
            if words.count == 2, let value = UInt64(digits: words[1]) { table[String(words[0])] = value }
        }
        return table
    }

    /// All of it; nil when it is absent or empty.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // memory.stat, the longest of them, has 2 to 4 KiB.
        return withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
