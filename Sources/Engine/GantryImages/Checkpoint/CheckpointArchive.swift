import ByteText
import GantryCore
import Glibc
import JSON

/// Puts together the archive of a container's checkpoint, in the form of other runtimes: a tar with CRIU's images, what the container is, and what
/// it has changed of its image.
package struct CheckpointArchive {
    /// What is to be known of the app whose processes stand still meanwhile.
    package struct Source {
        package var record: AppRecord
        package var manifest: AppManifest
        /// Its runtime document.
        package var spec: JSON
        /// Absolute.
        package var writableLayer: String
        package var files: CheckpointDirectory
        /// The name of the OCI runtime.
        package var runtime: String

        package init(
            record: AppRecord, manifest: AppManifest, spec: JSON, writableLayer: String, files: CheckpointDirectory,
            runtime: String
        ) {
            self.record = record
            self.manifest = manifest
            self.spec = spec
            self.writableLayer = writableLayer
            self.files = files
            self.runtime = runtime
        }
    }

    private let source: Source
    private let now: timespec

    package init(_ source: Source) {
        self.source = source
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        now = time
    }

    package func write(to target: ArchiveFile) throws(EngineError) {
        let tar = TarWriter(target.descriptor, path: target.path)
        // First, so that whoever asks what it is reads no more.
        try tar.add(CheckpointNames.config, text(config), modified: now)
        try tar.add(CheckpointNames.spec, text(source.spec), modified: now)
        try tar.add(CheckpointNames.mounts, text(.array(mounts)), modified: now)
        var layers: [OpenDirectory] = []
        for layer in source.manifest.image.layers.reversed() { layers.append(try OpenDirectory.open(layer)) }
        var layer = WritableLayerArchive(
            upper: try OpenDirectory.open(source.writableLayer), layers: layers, to: tar)
        try tar.nested(CheckpointNames.rootfs, modified: now) { () throws(EngineError) in try layer.write() }
        try tar.add(CheckpointNames.removed, text(.array(layer.removed.map(JSON.string))), modified: now)
        try addImages(tar)
        let files = try OpenDirectory.open(source.files.path)
        for name in [CheckpointNames.dumpLog, CheckpointNames.statistics] {
            try add(name, in: files, as: name, to: tar)
        }
        try addLog(tar)
        try tar.finish()
    }

    private func addImages(_ tar: TarWriter) throws(EngineError) {
        var directory = TarWriter.Member(name: Array("\(CheckpointNames.images)/".utf8), type: UInt8(ascii: "5"))
        directory.mode = 0o700
        directory.modified = now
        try tar.add(directory)
        let images = try OpenDirectory.open(source.files.images)
        for name in try images.names().sorted(by: { $0.precedes($1) }) {
            try add(name, in: images, as: "\(CheckpointNames.images)/\(name)", to: tar)
        }
    }

    /// A regular file, as long as it is now; nothing where there is none.
    private func add(_ name: String, in directory: OpenDirectory, as entry: String, to tar: TarWriter)
        throws(EngineError)
    {
        let file = openat(directory.descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ELOOP { return }
            throw .posix("opening \(directory.path)/\(name)", errno)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .posix("looking at \(directory.path)/\(name)", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { return }
        var member = TarWriter.Member(name: Array(entry.utf8))
        member.size = Int64(status.st_size)
        member.modified = status.st_mtim
        try tar.add(member)
        try tar.content(of: file, size: member.size, path: "\(directory.path)/\(name)")
    }

    /// What it has written so far. A log that was moved away just now is none.
    private func addLog(_ tar: TarWriter) throws(EngineError) {
        guard let (parent, name) = source.record.logPath.cutLast(at: "/"),
            let directory = try OpenDirectory.openIfDirectory(String(parent))
        else { return }
        try add(String(name), in: directory, as: CheckpointNames.log, to: tar)
    }

    private func text(_ document: JSON) -> [UInt8] { Array(document.serialized(pretty: true).utf8) }

    // MARK: Documents

    private var config: JSON {
        let image = source.manifest.image
        return [
            "id": .string(source.record.name.string),
            "name": .string(source.record.annotations["gantry.title"] ?? source.record.name.string),
            "rootfsImage": .string(image.name), "rootfsImageRef": .string(image.id),
            "rootfsImageName": .string(image.name), "runtime": .string(source.runtime),
            "createdTime": .string(Self.time(source.record.createdAt)),
            "checkpointedTime": .string(Self.time(Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))),
            "restoredTime": "0001-01-01T00:00:00Z", "restored": .bool(false),
        ]
    }

    /// RFC 3339 in UTC.
    static func time(_ nanoseconds: Int64) -> String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        let date =
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
        let clock = "\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
        return "\(date)T\(clock).\(digits(Int(nanoseconds % 1_000_000_000), 9))Z"
    }

    /// What of the host is mounted in it, and whether that is a directory: who restores it elsewhere has to provide such.
    private var mounts: [JSON] {
        (source.spec["mounts"]?.arrayValue ?? []).compactMap { mount in
            guard mount["type"]?.stringValue == "bind", let from = mount["source"]?.stringValue,
                let to = mount["destination"]?.stringValue
            else { return nil }
            var status = stat()
            guard stat(from, &status) == 0 else { return nil }
            return [
                "source": .string(from), "destination": .string(to),
                "file_type": status.st_mode & S_IFMT == S_IFDIR ? "directory" : "file",
                "permissions": .integer(Int64(status.st_mode & 0o777)),
            ]
        }
    }
}
