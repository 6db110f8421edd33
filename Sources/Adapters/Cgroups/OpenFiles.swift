import ByteText
import Domain
import Glibc

/// What processes have open, as procfs shows it (proc(5), `/proc/PID/fd` and `/proc/PID/limits`). A process that ended meanwhile has nothing.
struct OpenFiles {
    /// So many are looked at in all; of a container that has more, so many are told.
    static let most: UInt64 = 65_536

    private let processes: String
    private(set) var found = CgroupDetails.Files()
    private var isFirst = true

    init(processes: String) { self.processes = processes }

    mutating func add(_ process: UInt64) {
        let place = "\(processes)/\(process)"
        if isFirst {
            isFirst = false
            found.softLimit = Self.softLimit(place + "/limits")
        }
        guard let stream = opendir(place + "/fd") else { return }
        defer { closedir(stream) }
        while found.descriptors < Self.most, let entry = readdir(stream) {
            guard entry.pointee.d_type == UInt8(DT_LNK) else { continue }
            found.descriptors += 1
            if Self.isSocket(entry, in: dirfd(stream)) { found.sockets += 1 }
        }
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
