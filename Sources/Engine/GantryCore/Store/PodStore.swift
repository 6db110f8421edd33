import ByteText
import CGantry
import Glibc

/// The directory of all pods: `<dir>/pods/{prepare,run,garbage}` (`docs/engine.md`, *On disk*).
///
/// There is no daemon behind it: a pod's phase is its parent directory and the lock its supervisor holds.
package struct PodStore: Sendable {
    package let dir: String
    package let runDir: String

    package init(dir: String, runDir: String) {
        self.dir = dir
        self.runDir = runDir
    }

    package func path(_ phase: Phase) -> String { "\(dir)/pods/\(phase.rawValue)" }

    /// `<run-dir>/engine/<uuid>`.
    package func runPath(_ uuid: PodUUID) -> String { "\(runDir)/engine/\(uuid)" }

    package enum Phase: String, Sendable, CaseIterable {
        case prepare, run, garbage
    }

    /// The id of this boot, as records hold it. See `EngineBoot`.
    package func bootID() throws(EngineError) -> String { try EngineBoot.current(runDir: runDir) }

    /// Makes a pod's directory, not visible yet, and takes its lock. `exists` where there is such a pod.
    package func prepare(_ uuid: PodUUID) throws(EngineError) -> PodDirectory {
        for phase in Phase.allCases { try StoreFile.makeDirectories(path(phase), mode: PrivateDirectories.mode) }
        var info = stat()
        guard lstat("\(path(.run))/\(uuid)", &info) != 0 else {
            throw EngineError(.exists, "pod \(uuid): exists already")
        }
        // Of an earlier pod of that UUID, whose removal was cut short before it could tell.
        if Files.exists("\(EventFiles.directory(runDir: runDir))/\(uuid)") {
            try RemovedPods.tell(uuid, runDir: runDir)
        }
        let parent = try open(.prepare)
        defer { close(parent) }
        let path = "\(path(.prepare))/\(uuid)"
        // Another try where a sweep took the directory between its making and its locking.
        for _ in 0..<8 {
            if mkdirat(parent, uuid.string, PrivateDirectories.mode) < 0 {
                guard errno == EEXIST else { throw .posix("make directory \(path)", errno) }
                try sweepHalfMade(uuid.string, in: parent)
                continue
            }
            let descriptor = gantry_openat(parent, uuid.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
            guard descriptor >= 0 else { continue }
            let pod = PodDirectory(uuid: uuid, path: path, runPath: runPath(uuid), fd: descriptor)
            do {
                try pod.lockForLife()
            } catch  where error.code == .precondition {
                continue
            }
            guard gantry_same_file(descriptor, parent, uuid.string) == 1 else { continue }
            if mkdirat(descriptor, "apps", PrivateDirectories.mode) < 0 {
                throw .posix("make directory \(path)/apps", errno)
            }
            return pod
        }
        throw EngineError(.exists, "pod \(uuid): is being prepared by somebody else")
    }

    /// Makes a prepared pod visible, as a whole; see also `PodDirectory.sync`.
    package func publish(_ pod: PodDirectory) throws(EngineError) {
        let target = "\(path(.run))/\(pod.uuid)"
        guard rename(pod.path, target) == 0 else {
            let number = errno
            if number == EEXIST || number == ENOTEMPTY { throw EngineError(.exists, "pod \(pod.uuid): exists already") }
            throw .posix("rename \(pod.path) to \(target)", number)
        }
        pod.moved(to: target)
        // From now on its end is told. What follows makes them where there is no room now.
        _ = try? PodEventLog(pod.uuid, runDir: runDir)
    }

    /// The directory of a visible pod; `not-found` where there is none.
    package func open(_ uuid: PodUUID) throws(EngineError) -> PodDirectory {
        let path = "\(path(.run))/\(uuid)"
        let descriptor = gantry_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw EngineError(.notFound, "pod \(uuid): there is no such pod") }
            throw .posix("open \(path)", errno)
        }
        return PodDirectory(uuid: uuid, path: path, runPath: runPath(uuid), fd: descriptor)
    }

    /// The pod that `prefix` names: a UUID or its unique beginning, with dashes or as digits (``PodUUID/beginning(_:)``). `not-found` for none, `invalid` for several.
    package func resolve(_ prefix: String) throws(EngineError) -> PodUUID {
        guard let text = PodUUID.beginning(prefix.lowercasedASCII) else {
            throw EngineError(.invalid, "pod \"\(prefix)\": not a UUID or the beginning of one")
        }
        if let uuid = PodUUID(text) {
            _ = try open(uuid)
            return uuid
        }
        let found = try uuids().filter { $0.string.begins(with: text) }
        guard let first = found.first else {
            throw EngineError(.notFound, "pod \"\(prefix)\": no pod's UUID begins so")
        }
        guard found.count == 1 else {
            let several = found.prefix(4).map(\.string).joined(separator: ", ")
            throw EngineError(.invalid, "pod \"\(prefix)\": more than one pod's UUID begins so: \(several)")
        }
        return first
    }

    /// The visible pods, in order.
    package func uuids() throws(EngineError) -> [PodUUID] {
        try DirectoryEntries.names(AT_FDCWD, path(.run), path: path(.run)).compactMap(PodUUID.init).sorted()
    }

    func open(_ phase: Phase) throws(EngineError) -> Int32 {
        try StoreFile.openDirectory(AT_FDCWD, path(phase), path: path(phase))
    }
}
