import ByteText
import GantryCore
import Glibc
import JSON

/// A file in `images/leases` that keeps images and layers from being collected while somebody is about to use them: until an app is written
/// down, or a fetched image registered. It is locked while its owner lives, and whole from the moment that it has its name. See
/// `ImageStore.hold`.
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
        let json: JSON = [
            "images": .array(held.images.map { .string($0.description) }),
            "layers": .array(held.layers.map { .integer(Int64($0)) }),
        ]
        let bytes = Array(json.serialized().utf8)
        guard bytes.count <= Self.largest else {
            throw EngineError(.exhausted, "holds \(held.images.count) images, more than a lease has room for")
        }
        while true {
            let name = "l\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
            let aside = ".\(name)"
            // A sweeper may come between each two of these steps: then it removes the file and another is made.
            guard let lock = try FileLock(trying: aside, in: directory, create: true), lock.isOn(aside, in: directory)
            else { continue }
            do throws(EngineError) {
                try lock.write(bytes)
                try directory.rename(aside, to: directory, as: name)
            } catch {
                try? directory.remove(aside)
                throw error
            }
            self.name = name
            self.directory = directory
            self.lock = lock
            return
        }
    }

    deinit {
        // While it is still locked. One that cannot be removed is dropped by whoever collects later.
        try? directory.remove(name)
    }

    /// What all leases hold. For whoever has the store locked for himself: what nobody owns any more is removed.
    static func held(in directory: OpenDirectory) throws(EngineError) -> [Held] {
        var all: [Held] = []
        for name in try directory.names() {
            if name.begins(with: ".") {
                // Of one that was killed before his lease was whole, or that will make another.
                if let lock = try FileLock(trying: name, in: directory, create: false) {
                    try directory.remove(name)
                    lock.release()
                }
                continue
            }
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
