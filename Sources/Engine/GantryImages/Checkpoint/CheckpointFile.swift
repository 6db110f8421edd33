import ByteText
import GantryCore
import Glibc
import JSON

/// An archive of a checkpoint to be read: bytes from outside, and more than that. CRIU makes processes as its images say, with whatever rights
/// these name: an archive that somebody else than root could have written, or put there, is refused.
package struct CheckpointFile {
    /// What the checkpoint says it is of.
    package struct Facts: Sendable {
        /// The container's name.
        package var name: String
        /// The image that it was made of: its id (`sha256:` and the digest of its configuration), and what it was called; either may be empty.
        package var imageID: String
        package var imageName: String

        package var json: JSON {
            ["name": .string(name), "image_id": .string(imageID), "image_name": .string(imageName)]
        }
    }

    let path: String
    let file: OpenFile
    let size: Int64

    /// - Throws: `invalid` for what is no file of root's alone.
    package init(_ path: String) throws(EngineError) {
        guard path.begins(with: "/") else {
            throw EngineError(.invalid, "checkpoint \(path): must be an absolute path")
        }
        guard let (parent, name) = path.cutLast(at: "/"), !name.isEmpty else {
            throw EngineError(.invalid, "checkpoint \(path): must name a file, not a directory")
        }
        let place: WatchedPath
        do throws(EngineError) {
            place = try WatchedPath(String(parent))
        } catch {
            throw error.prefixed("checkpoint \(path)")
        }
        let descriptor = openat(
            place.directory.descriptor, String(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = EngineError.posix("checkpoint \(path)", errno)
            throw [ELOOP, ENOTDIR, ENXIO].contains(errno)
                ? EngineError(.invalid, "\(error.message): must be a file, no link and no socket") : error
        }
        file = OpenFile(descriptor)
        self.path = path
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .posix("checkpoint \(path)", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw EngineError(
                .invalid, "checkpoint \(path): must be a file, an archive that a checkpoint was written into")
        }
        guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
            throw EngineError(
                .invalid,
                "checkpoint \(path): others than root may write it, and it decides which rights processes have; chown root and chmod go-w it, if you know where it is from"
            )
        }
        if let directory = place.replaceable {
            throw EngineError(
                .invalid,
                "checkpoint \(path): others than root may put files into \(directory), and it decides which rights processes have; move it to where only root may, if you know where it is from"
            )
        }
        size = Int64(status.st_size)
    }

    /// The image and the name.
    package func facts() throws(EngineError) -> Facts {
        do throws(EngineError) {
            let meter = UnpackMeter(blobBytes: size)
            let (source, reader) = try reader(meter)
            defer { withExtendedLifetime(source) {} }
            while let entry = try reader.next() {
                guard entry.name.bytes.elementsEqual(CheckpointNames.config.utf8), case .file = entry.kind else {
                    continue
                }
                var bytes: [UInt8] = []
                try reader.content { (piece, _) throws(EngineError) in
                    bytes += piece
                    guard bytes.count <= Self.documentLimit else { throw Self.tooLarge(CheckpointNames.config) }
                }
                return try Self.facts(bytes)
            }
            throw EngineError(.invalid, "has no \(CheckpointNames.config): is this an archive of a checkpoint?")
        } catch {
            throw error.prefixed("checkpoint \(path)")
        }
    }

    func reader(_ meter: UnpackMeter) throws(EngineError) -> (CompressedFile, TarReader) {
        guard lseek(file.descriptor, 0, SEEK_SET) == 0 else { throw .posix("reading it", errno) }
        let source = try CompressedFile(file.descriptor, meter)
        try source.open()
        return (source, TarReader(source, meter))
    }

    // MARK: Documents

    static let documentLimit = 16 << 20

    static func tooLarge(_ name: String) -> EngineError {
        EngineError(.invalid, "\(name): is larger than \(documentLimit) bytes")
    }

    static func facts(_ bytes: [UInt8]) throws(EngineError) -> Facts {
        let document = try json(bytes, CheckpointNames.config)
        func text(_ key: String) throws(EngineError) -> String {
            guard let value = document[key], value != .null else { return "" }
            guard let text = value.stringValue, text.utf8.count <= 4096, !text.utf8.contains(0) else {
                throw EngineError(.invalid, "\(CheckpointNames.config): \(key): must be a short text")
            }
            return text
        }
        var id = try text("rootfsImageRef")
        // CRI-O writes it without the algorithm.
        if id.utf8.count == 64, !id.has(text: ":") { id = "sha256:\(id)" }
        var name = try text("rootfsImageName")
        if name.isEmpty { name = try text("rootfsImage") }
        return Facts(name: try text("name"), imageID: id, imageName: name)
    }

    static func json(_ bytes: [UInt8], _ name: String) throws(EngineError) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw EngineError(.invalid, "\(name): is not JSON: \(error)")
        }
    }
}
