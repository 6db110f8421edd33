import ByteText
import CGantry
import Glibc

/// The id of one life of the run directory: what a reboot ends.
///
/// It is a random id kept in `<run-dir>/engine/boot` beside the kernel's boot id. The kernel's alone would not do: a throw-away
/// system in namespaces shares it with its host and outlives none of its run directory.
enum EngineBoot {
    static func current(runDir: String) throws(EngineError) -> String {
        let directory = "\(runDir)/engine"
        let path = "\(directory)/boot"
        let kernel = try kernelBootID()
        if let id = try read(path, kernel: kernel) { return id }
        try StoreFile.makeDirectories(directory, mode: PrivateDirectories.mode)
        let descriptor = gantry_openat(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { throw .posix("open \(directory)", errno) }
        defer { close(descriptor) }
        guard gantry_flock(descriptor, LOCK_EX) == 0 else { throw .posix("lock \(directory)", errno) }
        if let id = try read(path, kernel: kernel) { return id }
        let id = PodUUID.random().string
        try StoreFile.write(descriptor, "boot", "\(kernel)\n\(id)\n", path: path, durability: .atomic, mode: 0o644)
        return id
    }

    private static func read(_ path: String, kernel: String) throws(EngineError) -> String? {
        let text = try StoreFile.read(AT_FDCWD, path, path: path) { String(decoding: $0, as: UTF8.self) }
        guard let lines = text?.words(at: "\n"), lines.count == 2, lines[0] == kernel else { return nil }
        return String(lines[1])
    }

    private static func kernelBootID() throws(EngineError) -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        let text = try StoreFile.read(AT_FDCWD, path, path: path) { String(decoding: $0, as: UTF8.self) }
        guard let text else { throw EngineError(.internal, "\(path): is missing; is /proc mounted?") }
        return String(text.upTo("\n"))
    }
}
