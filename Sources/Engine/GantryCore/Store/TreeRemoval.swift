import CGantry
import Glibc

/// Removal of directory trees that containers have written into.
package enum TreeRemoval {
    /// Removes `name` in `directory` with everything below it: follows no symbolic link and enters no mount. What is not
    /// there is fine. `path` is for messages.
    package static func remove(_ name: String, in directory: Int32, path: String) throws(EngineError) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
            throw EngineError(.invalid, "remove \(path): \"\(name)\" is not the name of one entry")
        }
        var culprit = [CChar](repeating: 0, count: 256)
        let size = culprit.count
        guard gantry_remove_tree(directory, name, &culprit, size) < 0 else { return }
        let number = errno
        let entry = String(decoding: culprit.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        if number == EXDEV {
            throw EngineError(
                .precondition, "remove \(path): \"\(entry)\" in it is still a mount point; unmount it first")
        }
        throw .posix("remove \(path) (at \"\(entry)\")", number)
    }
}
