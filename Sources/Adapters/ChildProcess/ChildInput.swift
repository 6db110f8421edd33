import CLinux
import Glibc
import SystemPackage

/// A child's standard input as an anonymous file: unlike a pipe it needs nobody to feed it, and a child that does not read does no harm.
enum ChildInput {
    /// A descriptor positioned at the beginning; the taker closes it.
    static func descriptor(holding bytes: [UInt8]) throws(Errno) -> FileDescriptor {
        let raw = memfd_create("stdin", UInt32(RKTLET_MFD_CLOEXEC))
        guard raw >= 0 else { throw Errno(rawValue: errno) }
        let descriptor = FileDescriptor(rawValue: raw)
        do {
            try descriptor.writeAll(bytes)
            try descriptor.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
        } catch {
            try? descriptor.close()
            throw error as? Errno ?? .ioError
        }
        return descriptor
    }
}
