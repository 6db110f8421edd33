import CGantry
import Glibc
import JSON

extension PodDirectory {
    /// Where the app's files are.
    package func appPath(_ name: AppName) -> String { "\(path)/apps/\(name)" }

    /// Makes the app's directory; `exists` where the app does. What an interrupted `app add` left is cleared away first.
    package func createApp(_ name: AppName) throws(EngineError) {
        let apps = try openApps()
        defer { close(apps) }
        if mkdirat(apps, name.string, PrivateDirectories.mode) == 0 { return }
        guard errno == EEXIST else { throw .posix("make directory \(appPath(name))", errno) }
        guard try readApp(name) == nil else {
            throw EngineError(.exists, "pod \(uuid): an app named \(name) exists already")
        }
        try TreeRemoval.remove(name.string, in: apps, path: appPath(name))
        guard mkdirat(apps, name.string, PrivateDirectories.mode) == 0 else {
            throw .posix("make directory \(appPath(name))", errno)
        }
    }

    /// The names of the apps that have a record, in order.
    package func appNames() throws(EngineError) -> [AppName] {
        try readApps().map(\.name)
    }

    /// The record; nil where there is no such app.
    package func readApp(_ name: AppName) throws(EngineError) -> AppRecord? {
        let file = "apps/\(name)/state.json"
        guard let document = try StoreFile.readJSON(fd, file, path: "\(path)/\(file)") else { return nil }
        return try AppRecord(json: document)
    }

    /// Every app that has a record, by name. One whose record cannot be read is `unknown`.
    package func readApps() throws(EngineError) -> [AppRecord] {
        keptRecords.apply(to: try storedApps())
    }

    /// The same, as the disk has it.
    func storedApps() throws(EngineError) -> [AppRecord] {
        try AppListing.read(fd, "apps", path: path)
    }

    var keptRecords: KeptRecords { KeptRecords(runPath: runPath) }

    package func writeApp(_ record: AppRecord, durability: Durability = .durable) throws(EngineError) {
        try write(record.name, "state.json", record.json, durability)
    }

    /// What `app add` resolved; nil where there is no such app.
    package func readAppManifest(_ name: AppName) throws(EngineError) -> AppManifest? {
        let file = "apps/\(name)/app.json"
        guard let document = try StoreFile.readJSON(fd, file, path: "\(path)/\(file)") else { return nil }
        return try AppManifest(json: document)
    }

    package func writeAppManifest(_ manifest: AppManifest, durability: Durability = .durable) throws(EngineError) {
        try write(manifest.name, "app.json", manifest.json, durability)
    }

    /// Removes the app's directory with its writable layer; an app that is not there is fine. The record goes first, so that
    /// an interrupted removal leaves no app behind. False where there was none.
    @discardableResult
    package func removeApp(_ name: AppName) throws(EngineError) -> Bool {
        let apps = try openApps()
        defer { close(apps) }
        let record = "\(name)/state.json"
        let existed = unlinkat(apps, record, 0) == 0
        if !existed, errno != ENOENT { throw .posix("remove \(path)/apps/\(record)", errno) }
        try TreeRemoval.remove(name.string, in: apps, path: appPath(name))
        return existed
    }

    private func openApps() throws(EngineError) -> Int32 {
        if mkdirat(fd, "apps", 0o700) < 0, errno != EEXIST { throw .posix("make directory \(path)/apps", errno) }
        let apps = try StoreFile.openDirectory(fd, "apps", path: "\(path)/apps")
        // Writable layers have set-user-id files that their containers made: no user of the host may come near them. Containers see
        // them through overlayfs only, which needs no way through here.
        guard fchmod(apps, 0o700) == 0 else {
            let number = errno
            close(apps)
            throw .posix("set the mode of \(path)/apps", number)
        }
        return apps
    }

    private func write(
        _ name: AppName, _ file: String, _ document: JSON, _ durability: Durability
    ) throws(EngineError) {
        let directory = try StoreFile.openDirectory(fd, "apps/\(name)", path: appPath(name))
        defer { close(directory) }
        try StoreFile.writeJSON(directory, file, document, path: "\(appPath(name))/\(file)", durability: durability)
    }
}

/// Reads the records of all apps of a pod.
enum AppListing {
    /// `name` is the apps' directory relative to `directory`. An app without a record is not there yet, or no more.
    static func read(_ directory: Int32, _ name: String, path: String) throws(EngineError) -> [AppRecord] {
        let apps = gantry_openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard apps >= 0 else {
            if errno == ENOENT { return [] }
            throw .posix("open \(path)/apps", errno)
        }
        defer { close(apps) }
        var records: [AppRecord] = []
        for entry in try DirectoryEntries.read(apps, path: "\(path)/apps") where AppName.isValid(entry.name.utf8) {
            let file = "\(entry.name)/state.json"
            do throws(EngineError) {
                if let document = try StoreFile.readJSON(apps, file, path: "\(path)/apps/\(file)") {
                    records.append(try AppRecord(json: document))
                }
            } catch {
                records.append(try unreadable(entry.name, error, in: apps, path: path))
            }
        }
        records.sort { $0.name < $1.name }
        return records
    }

    /// What its configuration says of an app whose record says nothing.
    private static func unreadable(
        _ name: String, _ problem: EngineError, in apps: Int32, path: String
    ) throws(EngineError) -> AppRecord {
        var info = stat()
        fstatat(apps, "\(name)/app.json", &info, AT_SYMLINK_NOFOLLOW)
        let created = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
        var record = AppRecord(unreadable: try AppName(name), createdAt: created, because: problem.message)
        if let document = try? StoreFile.readJSON(apps, "\(name)/app.json", path: "\(path)/apps/\(name)/app.json"),
            let manifest = try? AppManifest(json: document)
        {
            record.describe(manifest)
        }
        return record
    }
}
