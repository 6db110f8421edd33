import ByteText
import CGantry
import Glibc

extension PodStore {
    /// Removes a visible pod's directory: it is gone from sight at once, whole, which is told, and then deleted. A pod that is not there is
    /// fine (false). Whoever calls has seen to it that nothing of the pod lives or is mounted.
    @discardableResult
    package func discard(_ uuid: PodUUID) throws(EngineError) -> Bool {
        let isTaken = try takeAway(uuid)
        try finishRemovals(of: uuid)
        return isTaken
    }

    /// The first part of it: out of sight. `finishRemovals` deletes.
    package func takeAway(_ uuid: PodUUID) throws(EngineError) -> Bool {
        let run = gantry_openat(AT_FDCWD, path(.run), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard run >= 0 else {
            if errno == ENOENT { return false }
            throw .posix("open \(path(.run))", errno)
        }
        defer { close(run) }
        try StoreFile.makeDirectories(path(.garbage), mode: PrivateDirectories.mode)
        let garbage = try open(.garbage)
        defer { close(garbage) }
        let name = garbageName(uuid.string)
        // Whoever cleans up the pod has told everything before.
        let turn = try cleanupTurn(uuid)
        defer { withExtendedLifetime(turn) {} }
        guard renameat(run, uuid.string, garbage, name) == 0 else {
            if errno == ENOENT { return false }
            throw .posix("move pod \(uuid) to \(path(.garbage))", errno)
        }
        try StoreFile.syncDirectory(run, path: path(.run))
        try RemovedPods.tell(uuid, runDir: runDir)
        return true
    }

    /// Deletes what is in the garbage of one pod, and of every other whose removal was cut short. What somebody else deletes just now is left
    /// to them.
    /// - Throws: what could not be deleted of that pod; of others `gc` tells.
    package func finishRemovals(of uuid: PodUUID? = nil) throws(EngineError) {
        let names = try DirectoryEntries.names(AT_FDCWD, path(.garbage), path: path(.garbage))
        guard !names.isEmpty else { return }
        let garbage = try open(.garbage)
        defer { close(garbage) }
        var failure: EngineError?
        for name in names {
            do throws(EngineError) {
                _ = try delete(name, in: garbage)
            } catch {
                if let uuid, name.begins(with: "\(uuid).") { failure = failure ?? error }
            }
        }
        if let failure { throw failure }
    }

    /// Holds a lock on what it deletes, which ends with the process: what nobody holds has nobody who deletes it.
    /// - Returns: false where somebody else is about it.
    private func delete(_ name: String, in garbage: Int32) throws(EngineError) -> Bool {
        let path = "\(path(.garbage))/\(name)"
        let entry = gantry_openat(garbage, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        // Gone meanwhile, or no directory.
        defer { if entry >= 0 { close(entry) } }
        if entry >= 0, gantry_flock(entry, LOCK_EX | LOCK_NB) < 0 {
            if errno == EWOULDBLOCK { return false }
            throw .posix("lock \(path)", errno)
        }
        try TreeRemoval.remove(name, in: garbage, path: path)
        return true
    }

    /// Nil where there is no such pod, or no directory by its name.
    private func cleanupTurn(_ uuid: PodUUID) throws(EngineError) -> PodDirectory.CleanupLock? {
        guard let pod = try? open(uuid) else { return nil }
        return try pod.lockCleanup()
    }

    /// Takes an app out of sight, with its record and its writable layer, which may be large: `removeGarbage` deletes it.
    /// - Returns: its name in the garbage; nil where there is no such app.
    package func discardApp(_ name: AppName, of pod: PodDirectory) throws(EngineError) -> String? {
        try StoreFile.makeDirectories(path(.garbage), mode: PrivateDirectories.mode)
        let garbage = try open(.garbage)
        defer { close(garbage) }
        let target = garbageName("\(pod.uuid).\(name)")
        guard renameat(pod.fd, "apps/\(name)", garbage, target) == 0 else {
            if errno == ENOENT { return nil }
            guard errno == EXDEV else { throw .posix("move \(pod.appPath(name)) to \(path(.garbage))", errno) }
            // The pod's apps are on a file system of their own.
            try pod.removeApp(name)
            return nil
        }
        return target
    }

    /// Deletes one thing of the garbage, unless somebody is about it; what is not there is fine.
    package func removeGarbage(_ name: String) throws(EngineError) {
        let garbage = try open(.garbage)
        defer { close(garbage) }
        _ = try delete(name, in: garbage)
    }

    /// Deletes what interrupted removals left, and pods that were never finished and that nobody is making. The names of
    /// both; with `dryRun` nothing is touched.
    @discardableResult
    package func sweepGarbage(dryRun: Bool = false) throws(EngineError) -> [String] {
        var swept: [String] = []
        var failure: EngineError?
        for name in try DirectoryEntries.names(AT_FDCWD, path(.garbage), path: path(.garbage)) {
            if dryRun {
                swept.append(name)
                continue
            }
            do throws(EngineError) {
                let garbage = try open(.garbage)
                defer { close(garbage) }
                if try delete(name, in: garbage) { swept.append(name) }
            } catch {
                swept.append(name)
                failure = failure ?? error
            }
        }
        for name in try DirectoryEntries.names(AT_FDCWD, path(.prepare), path: path(.prepare)) {
            let prepare = try open(.prepare)
            defer { close(prepare) }
            if dryRun {
                if try !PodLock.isHeld(prepare, "\(name)/\(PodLock.file)", path: path(.prepare)) { swept.append(name) }
            } else if try sweepHalfMade(name, in: prepare) {
                swept.append(name)
            }
        }
        if let failure { throw failure }
        return swept
    }

    /// Removes what the maker of a pod left that was killed before the pod was visible.
    func sweepHalfMade(_ uuid: PodUUID) throws(EngineError) {
        guard Files.exists("\(path(.prepare))/\(uuid)") else { return }
        let prepare = try open(.prepare)
        defer { close(prepare) }
        try sweepHalfMade(uuid.string, in: prepare)
    }

    /// Removes one half-made pod unless somebody is making it. Its lock is taken first, so that its maker sees it go.
    @discardableResult
    func sweepHalfMade(_ name: String, in prepare: Int32) throws(EngineError) -> Bool {
        let directory = gantry_openat(prepare, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard directory >= 0 else {
            if errno == ENOENT { return false }
            throw .posix("open \(path(.prepare))/\(name)", errno)
        }
        defer { close(directory) }
        guard let lock = try PodLock.take(directory, path: "\(path(.prepare))/\(name)") else { return false }
        defer { close(lock) }
        try StoreFile.makeDirectories(path(.garbage), mode: PrivateDirectories.mode)
        let garbage = try open(.garbage)
        defer { close(garbage) }
        guard gantry_same_file(directory, prepare, name) == 1 else { return false }
        let target = garbageName(name)
        guard renameat(prepare, name, garbage, target) == 0 else {
            if errno == ENOENT { return false }
            throw .posix("move \(path(.prepare))/\(name) to \(path(.garbage))", errno)
        }
        try TreeRemoval.remove(target, in: garbage, path: "\(path(.garbage))/\(target)")
        return true
    }

    /// Distinct, so that what a failed removal left is never in the way of the next pod of that name.
    private func garbageName(_ name: String) -> String {
        "\(name).\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
    }
}
