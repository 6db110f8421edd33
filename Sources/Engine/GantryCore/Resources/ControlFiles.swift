import ByteText
import CGantry
import Glibc

/// The kernel's files that limits are written to.
protocol ControlFiles: Sendable {
    /// Nil where there is no such file.
    func read(_ path: String) throws(EngineError) -> String?
    func write(_ path: String, _ text: String) throws(EngineError)
    /// The cgroups below, deepest first, and the directory itself last.
    func tree(_ directory: String) -> [String]
    func processes(_ directory: String) -> [Int32]
    /// The OOM score of a process, which is nil where it has ended or is in no cgroup at `cgroup` or below any more.
    func score(of process: Int32, in cgroup: String) throws(EngineError) -> Int64?
    /// Does nothing to a process that has ended or left the cgroup.
    func setScore(_ score: Int64, of process: Int32, in cgroup: String) throws(EngineError)
}

struct KernelFiles: ControlFiles {
    func read(_ path: String) throws(EngineError) -> String? {
        do throws(EngineError) {
            return String(try Files.readText(path).trimmed)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    func write(_ path: String, _ text: String) throws(EngineError) { try Files.write(path, text) }

    func tree(_ directory: String) -> [String] { CgroupProcesses.tree(directory) }

    func processes(_ directory: String) -> [Int32] { CgroupProcesses.direct(directory) }

    func score(of process: Int32, in cgroup: String) throws(EngineError) -> Int64? {
        guard let directory = Self.process(process, in: cgroup),
            let text = Self.read(directory.raw, "oom_score_adj")
        else { return nil }
        return Int64(decimal: text.trimmed)
    }

    func setScore(_ score: Int64, of process: Int32, in cgroup: String) throws(EngineError) {
        guard let directory = Self.process(process, in: cgroup) else { return }
        let file = gantry_openat(directory.raw, "oom_score_adj", O_WRONLY, 0)
        guard file >= 0 else {
            if errno == ENOENT || errno == ESRCH { return }
            throw .posix("open the OOM score of process \(process)", errno)
        }
        defer { close(file) }
        var text = "\(score)"
        let written = text.withUTF8 { Glibc.write(file, $0.baseAddress, $0.count) }
        guard written < 0, errno != ESRCH else { return }
        throw .posix("set the OOM score of process \(process)", errno)
    }

    /// Its directory in /proc, which is that of no other process even when the number is given to one.
    private static func process(_ number: Int32, in cgroup: String) -> Descriptor? {
        let opened = gantry_openat(AT_FDCWD, "/proc/\(number)", O_RDONLY | O_DIRECTORY, 0)
        guard opened >= 0 else { return nil }
        let directory = Descriptor(owning: opened)
        guard let text = read(directory.raw, "cgroup") else { return nil }
        let isInside = text.words(at: "\n").contains { line in
            guard let path = line.pieces(at: ":", maxPieces: 3).last else { return false }
            return path.isSame(as: cgroup) || path.begins(with: cgroup + "/")
        }
        return isInside ? directory : nil
    }

    private static func read(_ directory: Int32, _ name: String) -> String? {
        let file = gantry_openat(directory, name, O_RDONLY, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return (try? Files.readAll(file, limit: 64 << 10, name: name)).map { String(decoding: $0, as: UTF8.self) }
    }
}
