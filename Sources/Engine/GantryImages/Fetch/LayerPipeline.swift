import ByteText
import GantryCore
import Glibc
import Synchronization

/// Downloads layers, and unpacks each as soon as its blob is there.
struct LayerPipeline: Sendable {
    private let download: LayerDownload
    private let workspace: OpenDirectory
    private let state: State
    private let meter = ImageMeter()
    private let progress: @Sendable (FetchProgress) -> Void

    /// What the parts of the pipeline share.
    private final class State: Sendable {
        struct Values {
            /// Bytes that came.
            var received: Int64 = 0
            var progress: FetchProgress
            /// By position.
            var unpacked: [Int: UnpackedLayer] = [:]
        }

        let values: Mutex<Values>

        init(_ values: sending Values) { self.values = Mutex(values) }
    }

    /// How it is told what a download does.
    struct Reports: Sendable {
        let received: @Sendable (Int64) -> Void
        let arrived: @Sendable (Digest) -> Void
    }

    init(
        _ download: LayerDownload, in workspace: OpenDirectory, progress: @escaping @Sendable (FetchProgress) -> Void
    ) {
        self.download = download
        self.workspace = workspace
        self.progress = progress
        state = State(
            .init(
                progress: FetchProgress(
                    phase: .downloading, totalBytes: download.bytes, totalLayers: download.missing.count)))
    }

    /// - Parameters:
    ///   - timeout: how long nothing may come.
    ///   - fetch: brings the blobs.
    /// - Returns: the layers, base first.
    func run(
        timeout: Duration, _ fetch: @escaping @Sendable (Reports) async throws -> Void
    ) async throws(EngineError) -> [UnpackedLayer] {
        report { _ in }
        let (arrivals, arrival) = AsyncStream.makeStream(of: LayerDownload.Layer.self)
        let reports = Reports(
            received: { bytes in
                state.values.withLock { $0.received = $0.received.addingSaturating(bytes) }
            },
            arrived: { digest in
                for layer in download.missing where layer.blob.digest == digest { arrival.yield(layer) }
            })
        let watch = StallWatch(timeout: timeout, limit: nil, measure: { state.values.withLock { $0.received } }) {
            bytes in
            report { $0.bytes = min(bytes, $0.totalBytes) }
        }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await watched(by: { try await watch.run() }) { try await fetch(reports) }
                    report {
                        $0.phase = .unpacking
                        $0.bytes = $0.totalBytes
                    }
                    arrival.finish()
                }
                group.addTask { try await unpackAll(arrivals, arrival) }
                defer { group.cancelAll() }
                while try await group.next() != nil {}
            }
        } catch {
            throw EngineError(asking: error)
        }
        let unpacked = state.values.withLock { $0.unpacked }
        return download.missing.compactMap { unpacked[$0.position] }
    }

    /// Unpackers at once: each keeps a processor busy, and may need zstd's window of memory.
    private static let width = min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    private func unpackAll(
        _ arrivals: AsyncStream<LayerDownload.Layer>, _ arrival: AsyncStream<LayerDownload.Layer>.Continuation
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            for await layer in arrivals {
                if running == Self.width {
                    try await group.next()
                    running -= 1
                }
                running += 1
                group.addTask {
                    do {
                        try await unpack(layer)
                    } catch {
                        // Whoever waits for the next layer is to hear of it.
                        arrival.finish()
                        throw error
                    }
                }
            }
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
        try Task.checkCancellation()
    }

    private func unpack(_ layer: LayerDownload.Layer) async throws {
        let isBlobShared = download.missing.count { $0.blob.digest == layer.blob.digest } > 1
        let (workspace, meter) = (workspace, meter)
        let unpacked = try await Interruption.onThread { (interruption) throws(EngineError) in
            let work = LayerUnpack(layer, in: workspace, meter)
            let unpacked = try work.run(interruption)
            if !isBlobShared { try work.removeBlob() }
            return unpacked
        }
        state.values.withLock { $0.unpacked[layer.position] = unpacked }
        report { $0.layers += 1 }
    }

    private func report(_ change: (inout FetchProgress) -> Void) {
        progress(
            state.values.withLock {
                change(&$0.progress)
                return $0.progress
            })
    }
}
