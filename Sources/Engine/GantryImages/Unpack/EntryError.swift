import GantryCore
import Glibc

extension EngineError {
    /// The error of a system call on behalf of a layer's entry. What can only come of what the layer says is the layer's fault; the rest is
    /// the machine's.
    static func entry(_ name: EntryName, _ doing: String, _ number: Int32) -> EngineError {
        let error = EngineError.posix("entry \(name): \(doing)", number)
        switch number {
        case EEXIST, EFBIG, EINVAL, EISDIR, ELOOP, EMLINK, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO, EXDEV:
            return EngineError(.invalid, error.message)
        default: return error
        }
    }
}
