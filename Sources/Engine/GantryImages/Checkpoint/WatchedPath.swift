import ByteText
import GantryCore
import Glibc

/// The directory that a path from outside leads to, opened step by step, and who else could have bent the way: a container has directories of the
/// host as its volumes, and puts there what it likes.
struct WatchedPath {
    let directory: OpenDirectory
    /// The first directory on the way whose entries others than root may replace; nil: there is none.
    let replaceable: String?

    private static let mostLinks = 40

    /// - Parameter path: absolute.
    /// - Throws: `invalid` for a link in or below a directory that others than root may write.
    init(_ path: String) throws(EngineError) {
        var walk = Walk()
        try walk.enter("/")
        var steps = Self.steps(path)
        var links = 0
        while let step = steps.popLast() {
            guard let target = try walk.link(step) else {
                try walk.enter(step)
                continue
            }
            links += 1
            guard links <= Self.mostLinks else { throw .posix(walk.path, ELOOP) }
            if target.begins(with: "/") { try walk.enter("/") }
            steps += Self.steps(target)
        }
        directory = walk.opened()
        replaceable = walk.replaceable
    }

    /// The last one first.
    private static func steps(_ path: String) -> [String] { path.words(at: "/").reversed().map { String($0) } }
}

private struct Walk {
    private(set) var path = ""
    private(set) var replaceable: String?
    private var isWritable = false
    private var current: Descriptor?

    /// - Returns: where it leads; nil where it is no link.
    func link(_ name: String) throws(EngineError) -> String? {
        guard let current else { return nil }
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlinkat(current.raw, name, &target, target.count)
        guard count >= 0 else {
            if errno == EINVAL { return nil }
            throw .posix("\(path)/\(name)", errno)
        }
        guard !isWritable else {
            throw EngineError(
                .invalid,
                "\(path)/\(name): is a link, where others than root may have put it; name the place that it leads to")
        }
        guard count < target.count,
            let text = String(validating: target[..<count].map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        else { throw EngineError(.invalid, "\(path)/\(name): leads to a path that is no text") }
        return text
    }

    mutating func enter(_ name: String) throws(EngineError) {
        let isRoot = name.isSame(as: "/")
        let place = isRoot ? "" : "\(path)/\(name)"
        let found = openat(current?.raw ?? AT_FDCWD, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if found < 0, errno == ENOTDIR || errno == ELOOP {
            throw EngineError(.invalid, "\(place): is no directory")
        }
        let directory = try Descriptor(found, isRoot ? "/" : place)
        var status = stat()
        guard fstat(directory.raw, &status) == 0 else { throw .posix(place, errno) }
        let isForeign = ![0, geteuid()].contains(status.st_uid)
        if isForeign || status.st_mode & 0o022 != 0 {
            isWritable = true
            // In a sticky one only owners replace what is theirs.
            if replaceable == nil, isForeign || status.st_mode & S_ISVTX == 0 { replaceable = isRoot ? "/" : place }
        }
        (path, current) = (place, directory)
    }

    func opened() -> OpenDirectory { .adopting(current?.take() ?? -1, path: path.isEmpty ? "/" : path) }
}
