import ByteText
import Domain
import Glibc

/// Files that only the daemon and the engine may read: requests and credentials, in the run directory (memory, not disk).
enum PrivateFile {
    /// Makes a file that did not exist, mode 0600, and the directory above it, mode 0700.
    static func write(_ text: String, to path: String) throws(DomainError) {
        if let (directory, _) = path.cutLast(at: "/") { makeDirectories(String(directory)) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("making", path, errno) }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                let code = errno
                unlink(path)
                throw failure("writing", path, code)
            }
            bytes = bytes.dropFirst(count)
        }
    }

    /// One that is not there is removed already.
    static func remove(_ path: String) { unlink(path) }

    /// Removes the files of a directory.
    static func removeAll(in directory: String) {
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            remove("\(directory)/\(name)")
        }
    }

    /// Mode 0700, those above it too; one that is there stays as it is.
    static func makeDirectories(_ path: String) {
        var made = ""
        for part in path.words(at: "/") {
            made += "/" + part
            mkdir(made, 0o700)
        }
    }

    private static func failure(_ doing: String, _ path: String, _ code: Int32) -> DomainError {
        DomainError(
            code == ENOSPC || code == EDQUOT ? .resourceExhausted : .internal,
            "\(doing) \(path): \(String(cString: strerror(code)))")
    }
}
