import ByteText
import GantryCore
import Synchronization

/// What the layers of one image take together, however many of them are unpacked at the same time.
final class ImageMeter: Sendable {
    private struct Values {
        var entries = 0
        var bytes: Int64 = 0
        var stored: Int64 = 0
        var headers: Int64 = 0
        var steps = 0
        var blobs: Set<Digest> = []
        var blobBytes: Int64 = 0
    }

    let limits: ImageLimits
    private let values = Mutex(Values())

    init(_ limits: ImageLimits = .standard) {
        self.limits = limits
    }

    /// A blob counts once, however many layers are made of it.
    func has(_ blob: Digest, of bytes: Int64) {
        values.withLock {
            guard $0.blobs.insert(blob).inserted else { return }
            $0.blobBytes = $0.blobBytes.addingSaturating(bytes)
        }
    }

    fileprivate func madeEntry() throws(EngineError) {
        let entries = values.withLock {
            $0.entries += 1
            return $0.entries
        }
        guard entries <= limits.imageEntries else { throw .beyond(limits.imageEntries, "entries in all its layers") }
    }

    fileprivate func took(_ bytes: Int64) throws(EngineError) {
        let (taken, limit) = values.withLock {
            $0.bytes = $0.bytes.addingSaturating(bytes)
            return ($0.bytes, limits.bytes(limits.imageBytes, ofBlob: $0.blobBytes))
        }
        guard taken <= limit else { throw .beyond(limit, "uncompressed bytes in all its layers") }
    }

    fileprivate func stored(_ bytes: Int64) throws(EngineError) {
        let (taken, limit) = values.withLock {
            $0.stored = $0.stored.addingSaturating(bytes)
            return ($0.stored, limits.bytes(limits.imageBytes, ofBlob: $0.blobBytes))
        }
        guard taken <= limit else { throw .beyond(limit, "bytes of blocks in all its layers") }
    }

    fileprivate func header(_ bytes: Int64) throws(EngineError) {
        let (taken, limit) = values.withLock {
            $0.headers = $0.headers.addingSaturating(bytes)
            return ($0.headers, limits.imageHeaderBytes + Int64($0.entries) * limits.entryHeaderBytes)
        }
        guard taken <= limit else { throw .beyond(limit, "bytes of extended headers in all its layers") }
    }

    fileprivate func walks(_ directories: Int) throws(EngineError) {
        let (taken, limit) = values.withLock {
            $0.steps = $0.steps.addingSaturating(directories)
            return ($0.steps, limits.imageSteps + $0.entries * limits.entrySteps)
        }
        guard taken <= limit else {
            throw .beyond(limit, "directories and links on the ways to what all its layers have")
        }
    }
}

/// What the unpacking of one layer takes, held against the bounds while it takes it; and whether it is wanted any more.
final class UnpackMeter {
    let limits: ImageLimits
    private let image: ImageMeter
    private let interruption: Interruption
    private let mostBytes: Int64
    private var entries = 0
    private var uncompressed: Int64 = 0
    private var stored: Int64 = 0
    private var discarded: Int64 = 0
    private var headers: Int64 = 0
    private var steps = 0

    /// - Parameter blobBytes: of the layer as it came.
    init(_ image: ImageMeter = ImageMeter(), blobBytes: Int64 = 0, _ interruption: Interruption = Interruption()) {
        self.image = image
        self.interruption = interruption
        limits = image.limits
        mostBytes = limits.bytes(limits.layerBytes, ofBlob: blobBytes)
    }

    /// - Throws: `unavailable` once it was interrupted.
    func check() throws(EngineError) { try interruption.check() }

    /// An entry, or a directory that is only implied, is about to be made.
    func madeEntry() throws(EngineError) {
        try check()
        entries += 1
        guard entries <= limits.layerEntries else { throw .beyond(limits.layerEntries, "entries") }
        try image.madeEntry()
    }

    func uncompressed(_ bytes: Int) throws(EngineError) {
        try check()
        uncompressed = uncompressed.addingSaturating(Int64(bytes))
        guard uncompressed <= mostBytes else { throw .beyond(mostBytes, "uncompressed bytes") }
        try image.took(Int64(bytes))
    }

    /// Bytes written to the disk, at least the block that they are in.
    func stored(_ bytes: Int64) throws(EngineError) {
        stored = stored.addingSaturating(bytes)
        guard stored <= mostBytes else { throw .beyond(mostBytes, "bytes of blocks") }
        try image.stored(bytes)
    }

    /// Bytes that are read and thrown away, or about to be.
    func discarded(_ bytes: Int64) throws(EngineError) {
        discarded = discarded.addingSaturating(bytes)
        guard discarded <= limits.discardedBytes else {
            throw .beyond(limits.discardedBytes, "bytes behind its end and in whiteouts")
        }
    }

    /// Bytes of headers beside the plain ones, about to be read.
    func header(_ bytes: Int64) throws(EngineError) {
        headers = headers.addingSaturating(bytes)
        let limit = limits.layerHeaderBytes + Int64(entries) * limits.entryHeaderBytes
        guard headers <= limit else { throw .beyond(limit, "bytes of extended headers for \(entries) entries") }
        try image.header(bytes)
    }

    /// Directories that the kernel is about to go through.
    func walks(_ directories: Int) throws(EngineError) {
        steps = steps.addingSaturating(directories)
        let limit = limits.layerSteps + entries * limits.entrySteps
        guard steps <= limit else { throw .beyond(limit, "directories and links on the ways to \(entries) entries") }
        try image.walks(directories)
    }
}

extension ImageLimits {
    fileprivate func bytes(_ free: Int64, ofBlob bytes: Int64) -> Int64 {
        free.addingSaturating(bytes.multipliedSaturating(by: compressionRatio))
    }
}
