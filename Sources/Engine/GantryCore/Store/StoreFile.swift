import ByteText
import CGantry
import Glibc
import JSON

/// How much a write must survive.
package enum Durability: Sendable {
    /// A loss of power: written aside, synced, renamed, and the directory synced.
    case durable
    /// A kill at any moment: written aside and renamed. For what a reboot makes worthless.
    case atomic
}

/// Reading and writing of the small files of the store, anchored at an open directory. `path` is for messages only.
enum StoreFile {
    /// The format of every file of the store that this engine writes.
    static let format: Int64 = 1

    /// Hands the whole content to `body`; nil where there is no such file.
    static func read<Value>(
        _ directory: Int32, _ name: String, path: String,
        _ body: (UnsafeRawBufferPointer) throws(EngineError) -> Value
    ) throws(EngineError) -> Value? {
        let descriptor = gantry_openat(directory, name, O_RDONLY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .posix("open \(path)", errno)
        }
        defer { close(descriptor) }
        var space = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 1)
        defer { space.deallocate() }
        var count = 0
        while true {
            guard let base = space.baseAddress else { throw EngineError(.exhausted, "read \(path): no memory") }
            let got = Glibc.read(descriptor, base + count, space.count - count)
            if got < 0 {
                if errno == EINTR { continue }
                throw .posix("read \(path)", errno)
            }
            count += got
            // These files are renamed into place whole: a short read is the end.
            if count < space.count { break }
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: space.count * 4, alignment: 1)
            larger.copyMemory(from: UnsafeRawBufferPointer(space))
            space.deallocate()
            space = larger
        }
        return try body(UnsafeRawBufferPointer(rebasing: space[..<count]))
    }

    /// The JSON document, checked for a format that is newer than this engine; nil where there is no such file.
    static func readJSON(_ directory: Int32, _ name: String, path: String) throws(EngineError) -> JSON? {
        try read(directory, name, path: path) { (bytes) throws(EngineError) in
            let document: JSON
            do {
                document = try JSON(parsing: bytes)
            } catch {
                throw EngineError(.internal, "\(path): is not JSON: \(error)")
            }
            guard let number = document["format"]?.int64Value else {
                throw EngineError(.internal, "\(path): has no \"format\"")
            }
            guard number <= format else {
                throw EngineError(
                    .unsupported,
                    "\(path): written by a newer engine (format \(number), this one knows \(format)); use that engine")
            }
            return document
        }
    }

    /// Writes the document with its format beside.
    static func writeJSON(
        _ directory: Int32, _ name: String, _ document: JSON, path: String, durability: Durability
    ) throws(EngineError) {
        var members = document.objectValue ?? [:]
        members["format"] = .integer(format)
        var text = JSON.object(members).serialized()
        text.append("\n")
        try write(directory, name, text, path: path, durability: durability, mode: 0o600)
    }

    /// Replaces the file as a whole, or leaves the old one.
    static func write(
        _ directory: Int32, _ name: String, _ text: String, path: String, durability: Durability, mode: mode_t
    ) throws(EngineError) {
        let aside = ".\(name).\(getpid()).\(asideNumber())"
        let descriptor = gantry_openat(directory, aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .posix("create \(path)", errno) }
        var renamed = false
        defer {
            close(descriptor)
            if !renamed { unlinkat(directory, aside, 0) }
        }
        try writeAll(descriptor, text, path: path)
        if durability == .durable, fsync(descriptor) < 0 { throw .posix("sync \(path)", errno) }
        guard renameat(directory, aside, directory, name) == 0 else { throw .posix("rename to \(path)", errno) }
        renamed = true
        if durability == .durable { try syncDirectory(directory, path: path) }
    }

    static func syncDirectory(_ directory: Int32, path: String) throws(EngineError) {
        guard fsync(directory) == 0 else { throw .posix("sync the directory of \(path)", errno) }
    }

    static func writeAll(_ descriptor: Int32, _ text: String, path: String) throws(EngineError) {
        var text = text
        let failure: Int32? = text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let put = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if put < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[put...])
            }
            return nil
        }
        if let failure { throw .posix("write \(path)", failure) }
    }

    /// Opens a directory, which must be one and not a symbolic link to one.
    static func openDirectory(_ parent: Int32, _ name: String, path: String) throws(EngineError) -> Int32 {
        let descriptor = gantry_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else { throw .posix("open \(path)", errno) }
        return descriptor
    }

    /// Makes a directory and its parents; one that is there is fine.
    static func makeDirectories(_ path: String, mode: mode_t) throws(EngineError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let (parent, _) = path.cutLast(at: "/"), !parent.isEmpty else {
            throw .posix("make directory \(path)", errno)
        }
        try makeDirectories(String(parent), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .posix("make directory \(path)", errno) }
    }

    private static func asideNumber() -> String {
        String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }
}
