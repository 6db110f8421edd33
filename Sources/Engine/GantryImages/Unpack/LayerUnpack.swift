import GantryCore
import Glibc

/// A layer that lies unpacked and verified in a workspace.
struct UnpackedLayer: Sendable {
    /// Its directory's name in the workspace.
    let directory: String
    /// Bytes of its files.
    let size: Int64
    let usage: DiskUsage
    let diffID: Digest
    /// Of the blob it came in.
    let blob: Digest
    /// Directories whose attributes the layers below have to say; parents first.
    var implied: [EntryName] = []
}

/// Unpacks one downloaded blob, and verifies it.
struct LayerUnpack: Sendable {
    let layer: LayerDownload.Layer
    let workspace: OpenDirectory

    init(_ layer: LayerDownload.Layer, in workspace: OpenDirectory) {
        self.layer = layer
        self.workspace = workspace
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
            throw EngineError(
                .unavailable,
                "its blob \(layer.blob.digest) was not downloaded; is it stored elsewhere (\(layer.blob.mediaType))?")
        }
        defer { close(file) }
        let name = "layer-\(layer.position)"
        let root = try workspace.make(name, mode: 0o755)
        guard fchmod(root.descriptor, 0o755) == 0 else { throw .posix("setting the mode of \(root.path)", errno) }

        let source = try CompressedFile(file)
        try source.open()
        let reader = TarReader(source)
        let writer = LayerWriter(root, interruption)
        while let entry = try reader.next() {
            try interruption.check()
            try writer.add(entry, reader)
        }
        try writer.finish()
        let found = try source.finish()
        guard found.blob == layer.blob.digest else {
            throw EngineError(
                .invalid,
                "its blob does not have the digest \(layer.blob.digest) that the manifest promises, but \(found.blob)")
        }
        guard layer.diffID == nil || found.diffID == layer.diffID else {
            throw EngineError(
                .invalid,
                "what its blob holds does not have the digest that the configuration promises, but \(found.diffID)")
        }
        return UnpackedLayer(
            directory: name, size: writer.size, usage: writer.usage, diffID: found.diffID, blob: found.blob,
            implied: writer.impliedDirectories)
    }

    /// Gives back the room of a blob that is unpacked. Its name stays, so that a download which is tried again passes it over.
    func emptyBlob() throws(EngineError) {
        let file = openat(
            workspace.descriptor, "blobs/sha256/\(layer.blob.digest.hex)", O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .posix("emptying the blob \(layer.blob.digest)", errno) }
        close(file)
    }
}
