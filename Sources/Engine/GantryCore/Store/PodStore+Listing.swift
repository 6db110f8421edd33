import CGantry
import Glibc

extension PodStore {
    /// Every visible pod with its apps, by UUID. A pod whose record cannot be read is there too, as exited or preparing, with
    /// the cause in its `error`: see `RebuiltRecord`. An app whose record cannot be read is `unknown`.
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
        var problem: EngineError?
        var found: PodRecord?
        do throws(EngineError) {
            if let document = try StoreFile.readJSON(directory, "\(prefix)state.json", path: "\(path)/state.json") {
                found = try PodRecord(stored: document, path: "\(path)/state.json")
            } else if !exists(directory, "\(prefix)\(PodLock.file)") {
                // A pod that is no more.
                return nil
            }
        } catch {
            problem = error
        }
        var record =
            found
            ?? RebuiltRecord(uuid: uuid, directory: directory, prefix: prefix, path: path, runPath: runPath(uuid)).make(
                because: problem, boot: boot)
        do throws(EngineError) {
            record.apps = KeptRecords(runPath: runPath(uuid)).apply(
                to: try AppListing.read(directory, "\(prefix)apps", path: path))
        } catch {
            record.error = error.message
        }
        record.isAbandoned = exists(directory, prefix + PodDirectory.abandonedFile)
        if alive && (found == nil || record.bootID == boot) { return record }
        addKeptFailure(to: &record)
        return record.withoutSupervisor()
    }

    private func exists(_ directory: Int32, _ name: String) -> Bool {
        var info = stat()
        return fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0
    }
}
