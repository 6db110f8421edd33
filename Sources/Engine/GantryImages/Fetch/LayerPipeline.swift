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
            /// Not taken by an unpacker yet.
            var waiting: [LayerDownload.Layer]
            var isDownloaded = false
            /// Bytes that were declared of blobs that were unpacked and are gone.
            var consumed: Int64 = 0
            var progress: FetchProgress
            /// By position.
            var unpacked: [Int: UnpackedLayer] = [:]
        }

        let values: Mutex<Values>

        init(_ values: sending Values) { self.values = Mutex(values) }
    }

    init(
        _ download: LayerDownload, in workspace: OpenDirectory, progress: @escaping @Sendable (FetchProgress) -> Void
    ) {
        self.download = download
        self.workspace = workspace
        self.progress = progress
        state = State(
            .init(
                waiting: download.missing,
                progress: FetchProgress(
                    phase: .downloading, totalBytes: download.bytes, totalLayers: download.missing.count)))
    }

    /// - Parameter copy: brings the blobs; it is given a measure of what has arrived, and whom to tell about it.
    /// - Returns: the layers, base first.
    func run(
        _ copy:
            @escaping @Sendable (
                _ measure: @escaping @Sendable () -> Int64, _ progress: @escaping @Sendable (Int64) -> Void
            )
            async throws -> Void
    ) async throws(EngineError) -> [UnpackedLayer] {
        report { _ in }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await copy(measure) { bytes in report { $0.bytes = min(bytes, $0.totalBytes) } }
                    state.values.withLock { $0.isDownloaded = true }
                    report {
                        $0.phase = .unpacking
                        $0.bytes = $0.totalBytes
                    }
                }
                for _ in 0..<min(Self.width, download.missing.count) { group.addTask { try await unpackAll() } }
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

    private func unpackAll() async throws {
        while true {
            let (next, isOver) = state.values.withLock { values -> (LayerDownload.Layer?, Bool) in
                guard let index = values.waiting.firstIndex(where: { values.isDownloaded || hasArrived($0.blob) })
                else {
                    return (nil, values.waiting.isEmpty)
                }
                return (values.waiting.remove(at: index), false)
            }
            if let next {
                try await unpack(next)
            } else if isOver {
                return
            } else {
                // A download offers no event to wait for.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// skopeo gives a blob its name when it is whole and its digest was checked.
    private func hasArrived(_ blob: BlobDescriptor) -> Bool {
        faccessat(workspace.descriptor, "blobs/sha256/\(blob.digest.hex)", F_OK, AT_SYMLINK_NOFOLLOW) == 0
    }

    private func unpack(_ layer: LayerDownload.Layer) async throws {
        let isBlobShared = download.missing.count { $0.blob.digest == layer.blob.digest } > 1
        let (workspace, meter) = (workspace, meter)
        let unpacked = try await Interruption.onThread { (interruption) throws(EngineError) in
            let work = LayerUnpack(layer, in: workspace, meter)
            let unpacked = try work.run(interruption)
            if !isBlobShared { try work.emptyBlob() }
            return unpacked
        }
        state.values.withLock {
            $0.unpacked[layer.position] = unpacked
            if !isBlobShared { $0.consumed = $0.consumed.addingSaturating(layer.blob.size) }
        }
        report { $0.layers += 1 }
    }

    private var measure: @Sendable () -> Int64 {
        { [workspace, state] in
            var bytes = state.values.withLock { $0.consumed }
            for name in ["blobs", "layout", "scratch"] {
                guard let directory = try? workspace.open(name) else { continue }
                bytes = bytes.addingSaturating(directory.measure(.length).bytes)
            }
            return bytes
        }
    }

    private func report(_ change: (inout FetchProgress) -> Void) {
        progress(
            state.values.withLock {
                change(&$0.progress)
                return $0.progress
            })
    }
}
