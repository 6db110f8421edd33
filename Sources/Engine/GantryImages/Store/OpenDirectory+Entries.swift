import CArchive
import GantryCore
import Glibc

extension OpenDirectory {
    /// Calls `body` for the name of everything in a directory but `.` and `..`, in no order, with one name at a time in memory.
    /// - Parameters:
    ///   - directory: an open descriptor, which is closed at the end.
    ///   - body: is given a descriptor of the directory, and the name.
    ///   - atEnd: is given the descriptor when all names were seen.
    static func forEach(
        in directory: Int32, path: String,
        _ body: (Int32, UnsafePointer<CChar>) throws(EngineError) -> Void,
        atEnd: (Int32) throws(EngineError) -> Void = { _ in }
    ) throws(EngineError) {
        guard let stream = fdopendir(directory) else {
            let cause = errno
            close(directory)
            throw .posix("listing \(path)", cause)
        }
        defer { closedir(stream) }
        errno = 0
        while let entry = readdir(stream), let name = gantry_archive_entry_name(entry) {
            if strcmp(name, ".") != 0, strcmp(name, "..") != 0 { try body(dirfd(stream), name) }
            errno = 0
        }
        guard errno == 0 else { throw .posix("listing \(path)", errno) }
        try atEnd(dirfd(stream))
    }

    /// The names in it, in no order; without `.` and `..`. For directories whose names the engine gave: what is no UTF-8 is left out.
    func names() throws(EngineError) -> [String] {
        try entries().compactMap { name in
            String(validating: name.dropLast().map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        }
    }

    /// The names in it as they are, NUL at the end, in no order; without `.` and `..`.
    func entries() throws(EngineError) -> [[CChar]] {
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .posix("listing \(path)", errno) }
        var names: [[CChar]] = []
        try Self.forEach(in: copy, path: path) { (_, name) throws(EngineError) in
            names.append(Array(UnsafeBufferPointer(start: name, count: strlen(name) + 1)))
        }
        return names
    }
}
