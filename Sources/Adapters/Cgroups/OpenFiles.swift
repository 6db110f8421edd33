import ByteText
import Domain
import Glibc

/// What processes have open, as procfs shows it (proc(5), `/proc/PID/fd` and `/proc/PID/limits`). A process that ended meanwhile has nothing.
struct OpenFiles {
    /// So many descriptors, and processes that have them, are looked at in all, at 3 to 10 µs each: a container can have a million, and whoever asks for
    /// metrics must not wait for them. Of one that has more, so many sockets are told at most, and, before Linux 6.2, so many descriptors.
    static let most = 4096
    /// So many processes are asked how many they have.
    static let mostProcesses = 4096

    /// Its inode; directories made in another file system have others.
    private static let rootOfProcfs: UInt = 1

    private let processes: String
    /// The size of its directory is how many descriptors a process has, from Linux 6.2 on; of other file systems it says nothing of the kind.
    private let hasCounts: Bool
    private(set) var found = CgroupDetails.Files()
    private var left: Int
    private var processesLeft = mostProcesses

    init(processes: String, most: Int = Self.most) {
        self.processes = processes
        left = most
        var status = stat()
        hasCounts = stat(processes, &status) == 0 && status.st_ino == Self.rootOfProcfs
    }

    mutating func add(_ process: UInt64) {
        guard processesLeft > 0 else { return }
        let place = "\(processes)/\(process)"
        if processesLeft == Self.mostProcesses { found.softLimit = Self.softLimit(place + "/limits") }
        processesLeft -= 1
        var status = stat()
        let count = hasCounts && stat(place + "/fd", &status) == 0 ? UInt64(max(0, status.st_size)) : 0
        let seen = left > 0 ? look(place + "/fd") : 0
        found.descriptors += max(count, seen)
    }

    /// Counts the sockets, as far as it goes.
    ///
    /// - Returns: how many descriptors it has seen.
    private mutating func look(_ directory: String) -> UInt64 {
        guard let stream = opendir(directory) else { return 0 }
        defer { closedir(stream) }
        left -= 1
        var seen: UInt64 = 0
        while left > 0, let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_LNK) else { continue }
            left -= 1
            seen += 1
            if Self.isSocket(entry, in: dirfd(stream)) { found.sockets += 1 }
        }
        return seen
    }

    /// `socket:[4711]`.
    private static func isSocket(_ entry: UnsafeMutablePointer<dirent>, in directory: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { target in
            guard let start = target.baseAddress?.assumingMemoryBound(to: CChar.self) else { return false }
            let count = readlinkat(directory, entry.name, start, target.count)
            return count == target.count && KernelText(bytes: UnsafeRawBufferPointer(target)).isSame(as: "socket:[")
        }
    }

    /// `Max open files            1024                 524288               files`; nil for `unlimited`.
    private static func softLimit(_ path: String) -> UInt64? {
        var limit: UInt64?
        KernelFile.read(path, in: AT_FDCWD) { text in
            text.eachLine { line in
                guard let rest = line.string.without(prefix: "Max open files") else { return }
                limit = String(rest).words(at: " ").first.flatMap { UInt64(digits: $0) }
            }
        }
        return limit
    }
}
