import ByteText
import Domain
import Glibc
import SmallFiles

/// Small files of the daemon's own beside rkt's, for what rkt has no place for: below `rktlet` in the data directory.
struct RktStateDirectory: Sendable {
    let path: String

    /// - Parameter data: rkt's data directory, in which rkt leaves what it does not know alone.
    init(in data: String) { path = "\(data)/rktlet" }

    init(path: String) { self.path = path }

    /// The lines of a file; none where there is none.
    func lines(_ name: String) -> [String] {
        guard let text = SmallFile.text(of: "\(path)/\(name)") else { return [] }
        return text.lines.filter { !$0.isEmpty }.map(String.init)
    }

    /// The names in a directory; none where there is none.
    func names(_ directory: String) -> [String] { SmallFile.names(in: "\(path)/\(directory)") }

    /// Replaces a file, whole or not at all, and makes the directories above it. Without lines it is removed.
    func write(_ lines: [String], to name: String) throws(DomainError) {
        let file = "\(path)/\(name)"
        guard !lines.isEmpty else { return remove(name) }
        let fresh = "\(file).\(RandomName.make())"
        do throws(DomainError) {
            try PrivateFile.write(lines.map { $0 + "\n" }.joined(), to: fresh)
        } catch {
            unlink(fresh)
            throw error
        }
        guard rename(fresh, file) == 0 else {
            let code = errno
            unlink(fresh)
            throw DomainError(.internal, "replacing \(file): \(String(cString: strerror(code)))")
        }
    }

    /// One that is not there is removed already.
    func remove(_ name: String) { unlink("\(path)/\(name)") }

    /// A directory with the files in it.
    func removeDirectory(_ name: String) {
        PrivateFile.removeAll(in: "\(path)/\(name)")
        rmdir("\(path)/\(name)")
    }
}

extension SmallFile {
    /// Without `.` and `..`; empty where there is no directory.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.isSame(as: "."), !name.isSame(as: "..") { names.append(name) }
        }
        return names
    }
}
