import ByteText
import Domain
import Glibc
import SmallFiles

/// What is mounted below the paths that a container asks for: rkt binds a path without it, so that the container would find empty directories there.
enum RktHostMounts {
    private static let table = "/proc/self/mountinfo"

    /// - Parameter mounts: as mountinfo has it (proc(5)).
    /// - Throws: `invalidArgument`, naming the field and the first mount below it.
    static func check(_ config: ContainerConfig, mounts: String? = nil) throws(DomainError) {
        guard !config.mounts.isEmpty else { return }
        let lines = mounts ?? SmallFile.text(of: table, limit: 64 << 20) ?? ""
        let points = lines.lines.compactMap { $0.words(at: " ").dropFirst(4).first.map(String.init) }
        for (index, mount) in config.mounts.enumerated() {
            // Links are followed, by rkt as well.
            let path = realpath(mount.hostPath, nil).map { resolved in
                defer { free(resolved) }
                return String(cString: resolved)
            }
            let parent = escaped(path ?? mount.hostPath)
            let prefix = parent.isSame(as: "/") ? "/" : parent + "/"
            guard let below = points.first(where: { $0.begins(with: prefix) && !$0.isSame(as: "/") }) else { continue }
            throw DomainError(
                .invalidArgument,
                "config.mounts[\(index)].host_path: \(below.onOneLine) is mounted below it, which rkt would leave out; mount it by itself, or use the "
                    + "engine gantry for it")
        }
    }

    /// As mountinfo writes a path.
    private static func escaped(_ path: String) -> String {
        var text: [UInt8] = []
        for byte in path.utf8 {
            switch byte {
            case 0x20: text += Array("\\040".utf8)
            case 0x09: text += Array("\\011".utf8)
            case 0x0a: text += Array("\\012".utf8)
            case 0x5c: text += Array("\\134".utf8)
            default: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
