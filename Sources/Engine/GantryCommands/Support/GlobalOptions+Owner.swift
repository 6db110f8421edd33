import ByteText
import GantryCore
import Glibc

extension GlobalOptions {
    /// The file in which the daemon says which engine works in the directory.
    private var ownerFile: String { "\(dir)/engine" }

    /// To be called before anything is collected: what is there would look like remains.
    ///
    /// - Throws: `precondition` when the directory is another engine's.
    func checkOwner() throws(EngineError) {
        guard let owner = Self.firstWord(of: ownerFile), !owner.isSame(as: "gantry") else { return }
        throw EngineError(
            .precondition,
            "\(dir): is the engine \(owner.shortened(to: 80))'s, as \(ownerFile) says: gantry touches nothing there; --dir names another"
        )
    }

    /// Nil for a file that is not there, or empty.
    private static func firstWord(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self).words.first.map(String.init)
    }
}
