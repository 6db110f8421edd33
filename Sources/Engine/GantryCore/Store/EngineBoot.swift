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
        // Without a lock: any number of processes may be the first ones, and each may be stopped anywhere. The first link counts.
        let content = "\(kernel)\n\(PodUUID.random().string)\n"
        try link(content, as: "boot", in: descriptor, path: path)
        if let id = try read(path, kernel: kernel) { return id }
        // There is one of another boot, in a run directory that outlived it: of all who replace it the first one's goes.
        let decided = "boot.\(kernel)"
        try link(content, as: decided, in: descriptor, path: "\(directory)/\(decided)")
        let text = try StoreFile.read(descriptor, decided, path: "\(directory)/\(decided)") {
            String(decoding: $0, as: UTF8.self)
        }
        guard let text, let id = id(text, kernel: kernel) else {
            throw EngineError(.internal, "\(directory)/\(decided): is damaged; remove it")
        }
        try StoreFile.write(descriptor, "boot", text, path: path, durability: .atomic, mode: 0o644)
        for name in Files.entries(directory) where name.begins(with: "boot.") && !name.isSame(as: decided) {
            unlinkat(descriptor, name, 0)
        }
        return id
    }

    /// Gives a new file the name, unless there is one of that name.
    private static func link(
        _ content: String, as name: String, in directory: Int32, path: String
    ) throws(EngineError) {
        let aside = ".\(name).\(getpid()).\(PodUUID.random().string)"
        try StoreFile.write(directory, aside, content, path: path, durability: .atomic, mode: 0o644)
        defer { unlinkat(directory, aside, 0) }
        guard linkat(directory, aside, directory, name, 0) == 0 || errno == EEXIST else {
            throw .posix("make \(path)", errno)
        }
    }

    private static func read(_ path: String, kernel: String) throws(EngineError) -> String? {
        try StoreFile.read(AT_FDCWD, path, path: path) { String(decoding: $0, as: UTF8.self) }.flatMap {
            id($0, kernel: kernel)
        }
    }

    /// What a file says of this boot of the kernel; nil where it is another's.
    private static func id(_ text: String, kernel: String) -> String? {
        let lines = text.words(at: "\n")
        guard lines.count == 2, lines[0].isSame(as: kernel) else { return nil }
        return String(lines[1])
    }

    private static func kernelBootID() throws(EngineError) -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        let text = try StoreFile.read(AT_FDCWD, path, path: path) { String(decoding: $0, as: UTF8.self) }
        guard let text else { throw EngineError(.internal, "\(path): is missing; is /proc mounted?") }
        return String(text.upTo("\n"))
    }
}
