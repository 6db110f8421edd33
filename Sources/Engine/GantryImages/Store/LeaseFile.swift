import GantryCore
import Glibc
import JSON

/// A file in `images/leases` that keeps images and layers from being collected while somebody is about to use them: until an app is written
/// down, or a fetched image registered. It is locked while its owner lives.
///
/// Made while the store is locked, shared at least, so that nothing goes away between finding it and holding it.
struct LeaseFile: ~Copyable {
    private let name: String
    private let directory: OpenDirectory
    private let lock: FileLock

    /// How long a lease holds whose owner was killed: a supervisor may have been asked already, and not have written the app down yet.
    private static let graceSeconds = 600
    /// Bytes that are written, and read.
    private static let largest = 1 << 20

    /// What a lease holds.
    struct Held: Equatable, Sendable {
        var images: Set<Digest> = []
        /// Numbers of layer directories.
        var layers: Set<Int> = []
    }

    init(_ held: Held, in directory: OpenDirectory) throws(EngineError) {
        let name = "l\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        guard let lock = try FileLock(trying: name, in: directory, create: true) else {
            throw EngineError(.internal, "\(directory.path)/\(name): is somebody else's")
        }
        let json: JSON = [
            "images": .array(held.images.map { .string($0.description) }),
            "layers": .array(held.layers.map { .integer(Int64($0)) }),
        ]
        let bytes = Array(json.serialized().utf8)
        guard bytes.count <= Self.largest else {
            try? directory.remove(name)
            throw EngineError(.exhausted, "holds \(held.images.count) images, more than a lease has room for")
        }
        try lock.write(bytes)
        self.name = name
        self.directory = directory
        self.lock = lock
    }

    deinit {
        // While it is still locked. One that cannot be removed is dropped by whoever collects later.
        try? directory.remove(name)
    }

    /// What all leases hold. For whoever has the store locked for himself: what nobody owns any more is removed.
    static func held(in directory: OpenDirectory) throws(EngineError) -> [Held] {
        var all: [Held] = []
        for name in try directory.names() {
            guard let bytes = try directory.read(name, limit: largest) else { continue }
            if let lock = try FileLock(trying: name, in: directory, create: false) {
                guard isRecent(name, in: directory), !bytes.isEmpty else {
                    try directory.remove(name)
                    continue
                }
                lock.release()
            }
            guard let json = try? JSON(parsing: bytes) else { continue }
            all.append(
                Held(
                    images: Set(
                        (json["images"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Digest($0) } }),
                    layers: Set((json["layers"]?.arrayValue ?? []).compactMap { $0.int64Value.map { Int($0) } })))
        }
        return all
    }

    private static func isRecent(_ name: String, in directory: OpenDirectory) -> Bool {
        var status = stat()
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        guard fstatat(directory.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        return abs(now.tv_sec - status.st_mtim.tv_sec) < graceSeconds
    }
}
