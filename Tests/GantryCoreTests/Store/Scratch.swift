import Glibc
import Testing

@testable import GantryCore

/// A directory of a test's own, removed when the test is over.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/gantry-core-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
        precondition(made != nil, "mkdtemp failed")
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        let parent = open("/tmp", O_RDONLY | O_DIRECTORY)
        defer { close(parent) }
        try? TreeRemoval.remove(String(path.dropFirst(5)), in: parent, path: path)
    }

    /// Removes an entry of the scratch directory with the code under test.
    func remove(_ name: String) throws {
        let directory = open(path, O_RDONLY | O_DIRECTORY)
        defer { close(directory) }
        try TreeRemoval.remove(name, in: directory, path: "\(path)/\(name)")
    }

    var store: PodStore { PodStore(dir: "\(path)/lib", runDir: "\(path)/run") }

    func write(_ name: String, _ text: String) {
        let file = fopen("\(path)/\(name)", "w")!
        fputs(text, file)
        fclose(file)
    }

    static func exists(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0
    }

    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = fgetc(file)
            if byte == EOF { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
    }

    /// Returns once nobody holds the lock of a pod that was let go. A child that another test has just forked may:
    /// it has a copy of every descriptor until its exec.
    func awaitDeath(of uuid: PodUUID, in phase: PodStore.Phase = .run) throws {
        let directory = "\(store.path(phase))/\(uuid)"
        let deadline = ContinuousClock.now + .seconds(30)
        while try PodLock.isHeld(AT_FDCWD, "\(directory)/\(PodLock.file)", path: directory) {
            try #require(ContinuousClock.now < deadline, "\(directory): its lock is held")
            usleep(1000)
        }
    }

    /// A visible pod with these apps, without supervisor once the result is let go.
    func pod(_ uuid: PodUUID = .random(), apps: [String] = []) throws -> PodDirectory {
        let pod = try store.prepare(uuid)
        var record = PodRecord(uuid: uuid, createdAt: 1_700_000_000_000_000_000, bootID: try store.bootID())
        try record.advance(to: .running)
        try pod.writeRecord(record, durability: .atomic)
        for name in apps {
            let name = try AppName(name)
            try pod.createApp(name)
            try pod.writeApp(AppRecord(name: name, createdAt: 1), durability: .atomic)
        }
        try store.publish(pod)
        return pod
    }
}
