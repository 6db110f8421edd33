import CArchive
import GantryCore
import Glibc
import Subprocess
import SystemPackage

/// Runs a program that does not outlive this process, and writes no endless file.
///
/// The kernel kills it (`PR_SET_PDEATHSIG`) when this process is gone, however that came. Only the child itself can ask for that, so this
/// program is started first and becomes the other one.
package enum TiedChild {
    private static let word = "--tied-child"

    /// In the child this still is the same file, were it replaced on the disk meanwhile.
    static let program: FilePath = "/proc/self/exe"

    static func arguments(_ executable: FilePath, _ arguments: [String], fileLimit: Int64?) -> [String] {
        [word, "\(getpid())", "\(fileLimit ?? -1)", executable.string] + arguments
    }

    /// Becomes the program that the arguments name, if they are those of a tied child; else returns.
    package static func becomeIfAsked(_ arguments: [String]) {
        guard arguments.count >= 5, arguments[1] == word, let parent = pid_t(digits: arguments[2]),
            let limit = Int64(decimal: arguments[3])
        else { return }
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments[4...].map { strdup($0) }
        pointers.append(nil)
        gantry_archive_exec_tied(parent, limit, &pointers)
        let cause = errno
        let message = EngineError.posix("starting \(arguments[4])", cause).message + "\n"
        _ = message.withCString { write(2, $0, strlen($0)) }
        _exit(127)
    }
}
