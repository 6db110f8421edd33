import CArchive
import GantryCore
import Glibc
import JSON
import Synchronization

extension ImageProxy {
    /// Blobs on their way at once.
    private static let width = 4
    private static let pipeBytes: Int32 = 1 << 20

    private struct Transfer {
        let blob: BlobDescriptor
        let tries: Int
        let pipe: Int64
        let reading: PipeReading<Int64>
    }

    /// Brings blobs into a directory, each under its digest's digits as soon as all of it is there. Whoever reads one checks its digest.
    /// - Parameters:
    ///   - received: told about bytes that came.
    ///   - arrived: told about each blob that is there.
    func fetch(
        _ blobs: [BlobDescriptor], into directory: OpenDirectory, received: @escaping @Sendable (Int64) -> Void,
        arrived: @escaping @Sendable (Digest) -> Void
    ) async throws(EngineError) {
        try await onThread { (image, interruption) throws(EngineError) in
            var waiting = blobs.map { (blob: $0, tries: 0) }[...]
            var active: [Transfer] = []
            do throws(EngineError) {
                while true {
                    while active.count < Self.width, let (blob, tries) = waiting.popFirst() {
                        let reply = try self.open(blob, image)
                        if reply.isTemporary, tries < Self.pauses.count {
                            try Self.pause(Self.pauses[tries], interruption)
                            waiting.insert((blob, tries + 1), at: waiting.startIndex)
                            continue
                        }
                        active.append(
                            try self.begin(reply.success(), blob, tries, in: directory, received, arrived))
                    }
                    guard !active.isEmpty else { return }
                    // The proxy does one thing at a time, and this is waiting for the first; the others come meanwhile.
                    let first = active.removeFirst()
                    let failure = try self.finish(first)
                    guard let failure else { continue }
                    guard failure.code == .unavailable, first.tries < Self.pauses.count else { throw failure }
                    try Self.pause(Self.pauses[first.tries], interruption)
                    waiting.insert((first.blob, first.tries + 1), at: waiting.startIndex)
                }
            } catch {
                self.process.kill()
                for transfer in active { _ = try? transfer.reading.wait() }
                try interruption.check()
                throw error
            }
        }
    }

    private func open(_ blob: BlobDescriptor, _ image: Int64) throws(EngineError) -> Reply {
        try call(
            "GetBlob", [.integer(image), .string(blob.digest.description), .integer(blob.size)],
            doing: "downloading \(blob.digest)")
    }

    private func begin(
        _ reply: Reply, _ blob: BlobDescriptor, _ tries: Int, in directory: OpenDirectory,
        _ received: @escaping @Sendable (Int64) -> Void, _ arrived: @escaping @Sendable (Digest) -> Void
    ) throws(EngineError) -> Transfer {
        guard let pipe = reply.content else { throw EngineError(.internal, "skopeo sent nothing to read") }
        gantry_archive_widen_pipe(pipe.descriptor, Self.pipeBytes)
        let reading = PipeReading(pipe) { (pipe) throws(EngineError) in
            try Self.store(blob, from: pipe, in: directory, received, arrived)
        }
        try reading.start()
        return Transfer(blob: blob, tries: tries, pipe: reply.pipe, reading: reading)
    }

    /// - Returns: what went wrong at the registry.
    /// - Throws: what went wrong here.
    private func finish(_ transfer: Transfer) throws(EngineError) -> EngineError? {
        let doing = "downloading \(transfer.blob.digest)"
        let reply: Reply
        do throws(EngineError) {
            reply = try call("FinishPipe", [.integer(transfer.pipe)], doing: doing)
        } catch {
            // What was wrong with what came says more.
            _ = try transfer.reading.wait()
            throw error
        }
        let bytes = try transfer.reading.wait()
        if let failure = reply.failure {
            // All of it came, and is something else.
            return bytes == transfer.blob.size ? EngineError(.invalid, failure.message) : failure
        }
        guard bytes == transfer.blob.size else {
            return EngineError(.unavailable, "\(doing): \(bytes) bytes came of \(transfer.blob.size)")
        }
        return nil
    }

    /// Until the pipe's end.
    /// - Returns: the bytes that came.
    private static func store(
        _ blob: BlobDescriptor, from pipe: OpenFile, in directory: OpenDirectory, _ received: (Int64) -> Void,
        _ arrived: (Digest) -> Void
    ) throws(EngineError) -> Int64 {
        let name = "part-\(blob.digest.hex)"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let descriptor = openat(directory.descriptor, name, flags, 0o600)
        guard descriptor >= 0 else { throw .posix("creating \(directory.path)/\(name)", errno) }
        let file = OpenFile(descriptor)
        var bytes: Int64 = 0
        var isThere = false
        while true {
            if bytes == blob.size, !isThere {
                isThere = true
                try directory.rename(name, to: directory, as: blob.digest.hex)
                arrived(blob.digest)
            }
            let moved = gantry_archive_move(
                pipe.descriptor, file.descriptor, isThere ? 1 : Int(min(blob.size - bytes, 1 << 20)))
            guard moved >= 0 else { throw .posix("writing \(directory.path)/\(name)", errno) }
            guard moved > 0 else { return bytes }
            bytes += Int64(moved)
            guard !isThere else { throw StallWatch.tooMuch(blob.size) }
            received(Int64(moved))
        }
    }
}
