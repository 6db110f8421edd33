import CGantry
import Glibc
import JSON
import Synchronization

/// One pod's directory, held open: its files keep their meaning while it is renamed. Each file is written by one thread at a time.
package final class PodDirectory: Sendable {
    private struct State {
        var path: String
        var lock: Int32 = -1
    }

    package let uuid: PodUUID
    private let state: Mutex<State>
    /// Where it is now, for messages and for whom a path must be handed to.
    package var path: String { state.withLock(\.path) }
    /// `<run-dir>/engine/<uuid>`; made by the supervisor.
    package let runPath: String
    /// The open directory; owned.
    package let fd: Int32
    private var lock: Int32 {
        get { state.withLock(\.lock) }
        set { state.withLock { $0.lock = newValue } }
    }

    init(uuid: PodUUID, path: String, runPath: String, fd: Int32) {
        self.uuid = uuid
        state = Mutex(State(path: path))
        self.runPath = runPath
        self.fd = fd
    }

    deinit {
        close(fd)
        if lock >= 0 { close(lock) }
    }

    func moved(to path: String) { state.withLock { $0.path = path } }

    // MARK: The supervisor's lock

    /// Takes the supervisor's lock, which is held until this object goes; `precondition` where another supervisor lives.
    package func lockForLife() throws(EngineError) {
        guard lock < 0 else { return }
        guard let descriptor = try PodLock.take(fd, path: path) else {
            throw EngineError(.precondition, "pod \(uuid): has a living supervisor already")
        }
        lock = descriptor
    }

    /// Takes over a descriptor on which the lock is held, handed down across `execve`. From now on it closes on exec.
    package func adoptLock(_ descriptor: Int32) throws(EngineError) {
        guard gantry_same_file(descriptor, fd, PodLock.file) == 1 else {
            throw EngineError(.invalid, "pod \(uuid): descriptor \(descriptor) is not its lock file")
        }
        guard gantry_flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw EngineError(.precondition, "pod \(uuid): has a living supervisor already")
        }
        guard gantry_set_cloexec(descriptor, 1) == 0 else { throw .posix("pod \(uuid): keep the lock", errno) }
        lock = descriptor
    }

    /// The descriptor the lock is held on, made to survive `execve` for a supervisor to adopt; nil where it is not held.
    package func lockForHandover() throws(EngineError) -> Int32? {
        guard lock >= 0 else { return nil }
        guard gantry_set_cloexec(lock, 0) == 0 else { throw .posix("pod \(uuid): hand over the lock", errno) }
        return lock
    }

    /// Whether a supervisor holds the lock; true as well where this object does.
    package func isAlive() throws(EngineError) -> Bool {
        if lock >= 0 { return true }
        return try PodLock.isHeld(fd, path: path)
    }

    /// Waits for the clean-up's own lock, so that clean-ups of one pod queue up and none looks like a living supervisor.
    /// Held until the returned token goes.
    /// - Parameter patience: nanoseconds; the longest clean-up is that of plugins that hang.
    /// - Throws: `unavailable` where another one has it for longer.
    package func lockCleanup(patience: Int64 = 45_000_000_000) throws(EngineError) -> CleanupLock {
        let descriptor = gantry_openat(fd, "cleanup.lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .posix("open \(path)/cleanup.lock", errno) }
        do throws(EngineError) {
            try BoundedLock.take(descriptor, LOCK_EX, patience: patience, path: "\(path)/cleanup.lock")
        } catch {
            close(descriptor)
            throw error
        }
        return CleanupLock(descriptor)
    }

    /// A clean-up's turn on a pod.
    package final class CleanupLock {
        private let descriptor: Int32
        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }
    }
}

extension PodDirectory {
    // MARK: Documents of the pod

    /// The pod's configuration; `not-found` where it has none.
    package func readConfig() throws(EngineError) -> PodConfig {
        guard let document = try StoreFile.readJSON(fd, "pod.json", path: "\(path)/pod.json") else {
            throw EngineError(.notFound, "pod \(uuid): has no pod.json")
        }
        do {
            return try PodConfig(json: document)
        } catch {
            throw error.prefixed("\(path)/pod.json")
        }
    }

    package func writeConfig(_ config: PodConfig, durability: Durability = .durable) throws(EngineError) {
        try write("pod.json", config.json, durability)
    }

    /// What was written last, without apps and without asking whether the supervisor lives; nil before the first write.
    package func readRecord() throws(EngineError) -> PodRecord? {
        guard let document = try StoreFile.readJSON(fd, "state.json", path: "\(path)/state.json") else { return nil }
        return try PodRecord(stored: document, path: "\(path)/state.json")
    }

    package func writeRecord(_ record: PodRecord, durability: Durability = .durable) throws(EngineError) {
        try write("state.json", record.storedJSON, durability)
    }

    /// What CNI DEL needs; nil where the network was never touched.
    package func readNetwork() throws(EngineError) -> JSON? {
        guard let document = try StoreFile.readJSON(fd, "network.json", path: "\(path)/network.json"),
            var members = document.objectValue
        else { return nil }
        // What plugins do without is no reason to fail, should a crash of the host have cut it short.
        let result = try? StoreFile.readJSON(fd, "network-result.json", path: "\(path)/network-result.json")
        if let result = result?["result"] { members["result"] = result }
        return .object(members)
    }

    /// What the ADD said, beside `network.json`, which stays as it was synced.
    package func writeNetworkResult(_ result: JSON) throws(EngineError) {
        try write("network-result.json", ["result": result], .atomic)
    }

    package func writeNetwork(_ document: JSON, durability: Durability = .durable) throws(EngineError) {
        try write("network.json", document, durability)
    }

    /// The error of a start that failed.
    package func readError() throws(EngineError) -> EngineError? {
        guard let document = try StoreFile.readJSON(fd, "error.json", path: "\(path)/error.json") else { return nil }
        let code = EngineError.Code(rawValue: document["code"]?.stringValue ?? "") ?? .internal
        return EngineError(code, document["message"]?.stringValue ?? "")
    }

    package func writeError(_ error: EngineError, at time: Int64) throws(EngineError) {
        let document: JSON = [
            "code": .string(error.code.rawValue), "message": .string(error.message), "at": .integer(time),
        ]
        try write("error.json", document, .atomic)
    }

    /// A plain file of the pod as `hosts`, readable by everybody inside.
    package func writeText(_ name: String, _ text: String) throws(EngineError) {
        try StoreFile.write(fd, name, text, path: "\(path)/\(name)", durability: .atomic, mode: 0o644)
    }

    /// Makes durable what has been written of the pod so far: its configuration, its network and that it is there. A file that is synced
    /// after it was renamed has its name synced, too (ext4, xfs and btrfs: both are in one transaction).
    package func sync() throws(EngineError) {
        for name in ["pod.json", "network.json"] {
            let file = gantry_openat(fd, name, O_RDONLY | O_NOFOLLOW, 0)
            guard file >= 0 else {
                if errno == ENOENT { continue }
                throw .posix("open \(path)/\(name)", errno)
            }
            defer { close(file) }
            guard fsync(file) == 0 else { throw .posix("sync \(path)/\(name)", errno) }
        }
        let parent = try StoreFile.openDirectory(fd, "..", path: path)
        defer { close(parent) }
        try StoreFile.syncDirectory(parent, path: path)
    }

    private func write(_ name: String, _ document: JSON, _ durability: Durability) throws(EngineError) {
        try StoreFile.writeJSON(fd, name, document, path: "\(path)/\(name)", durability: durability)
    }
}
