import Glibc

/// Says that the set of images changed: `<run-dir>/engine/events/images` holds another random word after each change. That has no lock, and no
/// end that grows; readers learn that there was a change, and not how many.
package enum ImageChanges {
    package static func tell(runDir: String) throws(EngineError) {
        let directory = try Descriptor(EventFiles.open(runDir: runDir), "open the events")
        let path = "\(EventFiles.directory(runDir: runDir))/\(EventFiles.images)"
        try StoreFile.write(
            directory.raw, EventFiles.images, PodUUID.random().string, path: path, durability: .atomic, mode: 0o600)
    }

    /// The word; empty where there was no change in this boot.
    static func current(_ directory: Int32) throws(EngineError) -> String {
        try StoreFile.read(directory, EventFiles.images, path: "the word for images") {
            String(decoding: $0, as: UTF8.self)
        } ?? ""
    }
}
