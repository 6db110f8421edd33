import ByteText
import Glibc

/// Files of the kernel's as texts.
enum CgroupFile {
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
