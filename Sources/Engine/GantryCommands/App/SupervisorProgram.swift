import ByteText
import GantryCore
import Glibc

/// Where `gantry-pod` is: `$GANTRY_POD`, beside this program, or in `../libexec/rktlet` of it.
enum SupervisorProgram {
    static func find() throws(EngineError) -> String {
        if let value = getenv("GANTRY_POD") {
            let path = String(cString: value)
            guard path.begins(with: "/"), access(path, X_OK) == 0 else {
                throw EngineError(.precondition, "GANTRY_POD=\(path): must be the absolute path of a program")
            }
            return path
        }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw .posix("finding this program's own path", errno) }
        let own = String(decoding: buffer[..<count].map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        let directory = own.cutLast(at: "/")?.before ?? ""
        let candidates = ["\(directory)/gantry-pod", "\(directory)/../libexec/rktlet/gantry-pod"]
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
            throw EngineError(
                .precondition,
                "gantry-pod, the supervisor, is not installed: looked for \(candidates.joined(separator: " and ")); set GANTRY_POD"
            )
        }
        return found
    }
}
