import GantryCore
import Glibc

/// A layer that lies unpacked and verified in a workspace, on disk but for what its implied directories will look like.
struct UnpackedLayer: Sendable {
    /// Its directory's name in the workspace.
    let directory: String
    /// What it takes of the disk.
    let usage: DiskUsage
    let diffID: Digest
    /// Of the blob it came in.
    let blob: Digest
    /// Inodes of the directories whose attributes the layers below have to say.
    var implied: Set<ino_t> = []
}

/// Unpacks one downloaded blob, and verifies it.
struct LayerUnpack: Sendable {
    let layer: LayerDownload.Layer
    let workspace: OpenDirectory
    private let image: ImageMeter

    /// - Parameter image: what all layers of the image may take.
    init(_ layer: LayerDownload.Layer, in workspace: OpenDirectory, _ image: ImageMeter = ImageMeter()) {
        self.layer = layer
        self.workspace = workspace
        self.image = image
    }

    func run(_ interruption: Interruption = Interruption()) throws(EngineError) -> UnpackedLayer {
        do throws(EngineError) {
            return try unpack(interruption)
        } catch {
            throw error.prefixed("layer \(layer.blob.digest)")
        }
    }

    private func unpack(_ interruption: Interruption) throws(EngineError) -> UnpackedLayer {
        let blobs = try workspace.open("blobs").open("sha256")
        let file = openat(blobs.descriptor, layer.blob.digest.hex, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            throw EngineError(.internal, "its blob \(layer.blob.digest) has vanished; try again")
        }
        defer { close(file) }
        let name = "layer-\(layer.position)"
        let root = try workspace.make(name, mode: 0o755)
        guard fchmod(root.descriptor, 0o755) == 0 else { throw .posix("setting the mode of \(root.path)", errno) }

        let meter = try meter(file, interruption)
        let source = try CompressedFile(file, meter, mediaType: layer.blob.mediaType)
        try source.open()
        let reader = TarReader(source, meter)
        let writer = LayerWriter(root, meter)
        while let entry = try reader.next() { try writer.add(entry, reader) }
        let found = try source.finish()
        try check(found.blob, found.diffID)
        let tree = try writer.finish()
        return UnpackedLayer(
            directory: name, usage: tree.usage, diffID: found.diffID, blob: found.blob, implied: tree.implied)
    }

    private func meter(_ file: Int32, _ interruption: Interruption) throws(EngineError) -> UnpackMeter {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .posix("looking at its blob", errno) }
        image.has(layer.blob.digest, of: Int64(status.st_size))
        return UnpackMeter(image, blobBytes: Int64(status.st_size), interruption)
    }

    private func check(_ blob: Digest, _ diffID: Digest) throws(EngineError) {
        guard blob == layer.blob.digest else {
            throw EngineError(
                .invalid,
                "its blob does not have the digest \(layer.blob.digest) that the manifest promises, but \(blob)")
        }
        guard layer.diffID == nil || diffID == layer.diffID else {
            throw EngineError(
                .invalid,
                "what its blob holds does not have the digest that the configuration promises, but \(diffID)")
        }
    }

    /// Gives back the room of a blob that is unpacked.
    func removeBlob() throws(EngineError) {
        try workspace.open("blobs").open("sha256").remove(layer.blob.digest.hex)
    }
}
