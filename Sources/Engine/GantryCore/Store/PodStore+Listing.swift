import CGantry
import Glibc

extension PodStore {
    /// Every visible pod with its apps, by UUID. A pod whose files cannot be read is there too, as exited or preparing, with
    /// the cause in its `error`: what is broken must stay visible to be cleaned up.
    package func list() throws(EngineError) -> [PodRecord] {
        let run = gantry_openat(AT_FDCWD, path(.run), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard run >= 0 else {
            if errno == ENOENT { return [] }
            throw .posix("open \(path(.run))", errno)
        }
        defer { close(run) }
        let boot = try bootID()
        var records: [PodRecord] = []
        for entry in try DirectoryEntries.read(run, path: path(.run)) {
            guard let uuid = PodUUID(entry.name) else { continue }
            if let record = try record(uuid, in: run, boot: boot) { records.append(record) }
        }
        records.sort { $0.uuid < $1.uuid }
        return records
    }

    /// One pod with its apps; `not-found` where there is none.
    package func record(_ uuid: PodUUID) throws(EngineError) -> PodRecord {
        let pod = try open(uuid)
        guard let record = try record(uuid, in: pod.fd, prefix: "", boot: bootID()) else {
            throw EngineError(.notFound, "pod \(uuid): there is no such pod")
        }
        return record
    }

    private func record(_ uuid: PodUUID, in run: Int32, boot: String) throws(EngineError) -> PodRecord? {
        try record(uuid, in: run, prefix: "\(uuid)/", boot: boot)
    }

    /// Asks for life before it reads: what a supervisor wrote last before it went is then read, not missed.
    private func record(
        _ uuid: PodUUID, in directory: Int32, prefix: String, boot: String
    ) throws(EngineError) -> PodRecord? {
        let path = "\(path(.run))/\(uuid)"
        let alive = try PodLock.isHeld(directory, prefix + PodLock.file, path: path)
        do {
            guard
                let document = try StoreFile.readJSON(directory, "\(prefix)state.json", path: "\(path)/state.json")
            else { return try withoutState(uuid, in: directory, prefix: prefix, alive: alive) }
            var record = try PodRecord(json: document)
            record.apps = try AppListing.read(directory, "\(prefix)apps", path: path)
            return alive && record.bootID == boot ? record : record.withoutSupervisor()
        } catch {
            return broken(uuid, error, alive: alive)
        }
    }

    /// A pod that has no record yet, or is no more.
    private func withoutState(
        _ uuid: PodUUID, in directory: Int32, prefix: String, alive: Bool
    ) throws(EngineError) -> PodRecord? {
        var info = stat()
        guard fstatat(directory, "\(prefix)\(PodLock.file)", &info, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        let created = Int64(info.st_ctim.tv_sec) * 1_000_000_000 + Int64(info.st_ctim.tv_nsec)
        let record = PodRecord(uuid: uuid, createdAt: created, bootID: "")
        return alive ? record : record.withoutSupervisor()
    }

    private func broken(_ uuid: PodUUID, _ error: EngineError, alive: Bool) -> PodRecord {
        var record = PodRecord(uuid: uuid, createdAt: 0, bootID: "")
        record.error = error.message
        return alive ? record : record.withoutSupervisor()
    }
}
