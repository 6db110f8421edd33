import CGantry
import Glibc
import JSON

/// Starts and exits that the disk had no room for: records of apps in `<run-dir>/engine/<uuid>/exits/`, which is memory. They count as the
/// apps' records until the disk has what they tell.
struct KeptRecords {
    /// Of the pod.
    let runPath: String

    private var path: String { "\(runPath)/exits" }

    func keep(_ record: AppRecord) throws(EngineError) {
        try StoreFile.makeDirectories(path, mode: 0o700)
        let directory = try StoreFile.openDirectory(AT_FDCWD, path, path: path)
        defer { close(directory) }
        let name = "\(record.name).json"
        try StoreFile.writeJSON(directory, name, record.json, path: "\(path)/\(name)", durability: .atomic)
    }

    func forget(_ name: AppName) {
        unlink("\(path)/\(name).json")
    }

    /// The records that stand in for others, which know less; none of them where nothing is kept.
    func standIns(for records: [AppRecord]) -> [AppName: AppRecord] {
        guard records.contains(where: { $0.state != .exited }), Files.exists(path) else { return [:] }
        var kept: [AppName: AppRecord] = [:]
        for record in records where record.state != .exited {
            let name = "\(path)/\(record.name).json"
            if let document = try? StoreFile.readJSON(AT_FDCWD, name, path: name),
                let further = try? AppRecord(json: document)
            {
                kept[record.name] = further
            }
        }
        return kept
    }

    func apply(to records: [AppRecord]) -> [AppRecord] {
        let kept = standIns(for: records)
        return kept.isEmpty ? records : records.map { kept[$0.name] ?? $0 }
    }
}
