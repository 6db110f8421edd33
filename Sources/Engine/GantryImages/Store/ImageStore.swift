import GantryCore
import Glibc
import JSON

/// The images below `<dir>/images`: verified configurations and manifests, unpacked layers, and who is called what.
///
/// Any number of processes work on it at once. Whoever changes it holds `images/lock`, for moments only: downloads and unpacking go on in a
/// workspace of their own before it. Whoever is about to use layers takes no lock: see `hold`.
package struct ImageStore: Sendable {
    /// The engine's data directory.
    package let dataDirectory: String
    let root: OpenDirectory
    let blobs: OpenDirectory
    let layers: OpenDirectory
    let temporary: OpenDirectory
    let leases: OpenDirectory
    /// Called, with no lock held, when the set of images changed and the change is on disk.
    let onChange: @Sendable () -> Void

    package init(dataDirectory: String, onChange: @escaping @Sendable () -> Void = {}) throws(EngineError) {
        self.dataDirectory = dataDirectory
        self.onChange = onChange
        let path = "\(dataDirectory)/images"
        root = try OpenDirectory.make(path)
        blobs = try OpenDirectory.make("\(path)/blobs/sha256")
        layers = try OpenDirectory.make("\(path)/layers")
        temporary = try OpenDirectory.make("\(path)/tmp")
        leases = try OpenDirectory.make("\(path)/leases")
    }

    /// For whoever changes the index.
    func lock() throws(EngineError) -> FileLock { try FileLock("lock", in: root) }

    /// The index as it is now. Without a lock the two files may be of different moments: look only at one of them then.
    func readIndex() throws(EngineError) -> StoreIndex {
        try StoreIndex(
            images: root.read("images.json", limit: IndexText.readable),
            layers: root.read("layers.json", limit: IndexText.readable),
            path: root.path)
    }

    /// Only the images, without a lock: `images.json` is replaced as a whole.
    package func images() throws(EngineError) -> StoreIndex {
        try StoreIndex(images: root.read("images.json", limit: IndexText.readable), layers: nil, path: root.path)
    }

    /// The image's configuration, checked against its digest.
    package func config(of id: Digest) throws(EngineError) -> [UInt8] {
        guard let bytes = try blobs.read(id.hex, limit: 8 << 20) else {
            throw EngineError(
                .internal, "image \(id): its configuration is missing; remove the image and fetch it again")
        }
        guard SHA256.digest(of: bytes) == id else {
            throw EngineError(
                .internal, "image \(id): its configuration is damaged; remove the image and fetch it again")
        }
        return bytes
    }

    /// When an app was last made of the image; the time its configuration's file bears.
    package func lastUsed(_ image: StoredImage) -> Int64 {
        var status = stat()
        guard fstatat(blobs.descriptor, image.id.hex, &status, 0) == 0 else { return image.importTime }
        return max(image.importTime, Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
    }

    /// The image record of the command line, without a lock.
    package func record(of image: StoredImage) -> JSON { image.record(lastUsed: lastUsed(image)) }
}

extension StoreIndex {
    /// The directories of an image's layers, base first; nil for one that is missing. What an older engine unpacked is known by diff id.
    func layerNumbers(of image: StoredImage) -> [Int?] {
        zip(image.chain, image.layers).map { chain, diffID in (layers[chain] ?? layers[diffID])?.number }
    }
}
