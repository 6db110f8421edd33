import GantryCore
import Glibc
import JSON

extension ImageProxy {
    /// A manifest of the repository, byte for byte where it is one of OCI's; of others it has a version of its own, which does not have
    /// their digest.
    func manifest(of location: String) async throws(EngineError) -> [UInt8] {
        try await skopeo.inTime("reading its manifest") { [self] in
            try await onThread { [self] (_, _) throws(EngineError) in
                let opened = try call("OpenImage", [.string(location)], doing: "reading its manifest").success()
                guard let number = opened.value else { throw EngineError(.internal, "has no number") }
                let reply = try call("GetManifest", [number], doing: "reading its manifest").success()
                let bytes = try content(
                    of: reply, limit: ImageLimits.standard.manifestBytes, doing: "reading its manifest")
                _ = try call("CloseImage", [number], doing: "reading its manifest")
                return bytes
            }
        }
    }

    /// A small blob's bytes, whose digest is checked.
    func bytes(of blob: BlobDescriptor, limit: Int, named name: String) async throws(EngineError) -> [UInt8] {
        guard blob.size <= Int64(limit) else { throw .beyond(limit, "bytes of \(name)") }
        let doing = "reading its \(name)"
        let bytes = try await skopeo.inTime(doing) { [self] in
            try await onThread { [self] (image, interruption) throws(EngineError) in
                let arguments: [JSON] = [.integer(image), .string(blob.digest.description), .integer(blob.size)]
                var reply = try call("GetBlob", arguments, doing: doing)
                for pause in Self.pauses where reply.isTemporary {
                    try Self.pause(pause, interruption)
                    reply = try call("GetBlob", arguments, doing: doing)
                }
                return try content(of: reply.success(), limit: limit, doing: doing)
            }
        }
        guard SHA256.digest(of: bytes) == blob.digest else {
            throw EngineError(.invalid, "its \(name) does not have the digest \(blob.digest) that was promised")
        }
        return bytes
    }

    /// The proxy closes the pipe only when it is told that it was read.
    private func content(of reply: Reply, limit: Int, doing: String) throws(EngineError) -> [UInt8] {
        guard let pipe = reply.content else { throw EngineError(.internal, "\(doing): skopeo sent nothing to read") }
        let reading = PipeReading(pipe) { (pipe) throws(EngineError) in try pipe.readAll(limit: limit) }
        try reading.start()
        let finished = try call("FinishPipe", [.integer(reply.pipe)], doing: doing)
        guard let bytes = try reading.wait() else {
            throw EngineError(.invalid, "\(doing): is larger than \(limit) bytes")
        }
        _ = try finished.success()
        return bytes
    }
}
