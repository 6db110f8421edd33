import GantryCore
import Glibc

@testable import GantryImages

extension FuzzTarget {
    /// An archive of a checkpoint, of which a container is to be made anew: what it is of, and unpacked over a layer of its image. The first byte
    /// is that of `archives`.
    static let checkpoints = FuzzTarget("checkpoints", longest: 12_289) { input in
        guard let archive = Archive(input) else { return }
        let scratch = try OpenDirectory.open("/dev/shm")
        let name = "rktlet-fuzz-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let place = try scratch.make(name, mode: 0o700)
        defer { try? scratch.removeTree(name) }
        let etc = try place.make("layer", mode: 0o755).make("etc", mode: 0o755)
        try etc.write("passwd", Array("untouched".utf8))
        try place.write("a.tar", archive.bytes)
        let store = try ImageStore(dataDirectory: "\(place.path)/data")
        do {
            let file = try CheckpointFile("\(place.path)/a.tar")
            _ = try file.facts()
            let unpacked = try UnpackedCheckpoint(file, over: ["\(place.path)/layer"], in: store)
            try check(try OpenDirectory.open(unpacked.path))
            for mount in unpacked.mounts { try promise(!mount.utf8.contains(0), "a mount with a NUL") }
            PlantedTrap.here(unpacked.facts.name.utf8.elementsEqual("c".utf8) && unpacked.mounts.count == 3)
        } catch let error as EngineError {
            try promise(error.code != .internal, "an internal error: \(error)")
        }
        try promise(try store.temporary.names().isEmpty, "a workspace is left")
        try promise(try Set(place.names()) == ["layer", "a.tar", "data"], "something beside the workspace")
        try promise(try etc.read("passwd", limit: 100) == Array("untouched".utf8), "the image has changed")
        try promise(try etc.names() == ["passwd"], "the image has more than it had")
    }

    /// What is handed on: a writable layer, and images that are plain files, since CRIU opens whatever has their names.
    private static func check(_ place: OpenDirectory) throws {
        try promise(try Set(place.names()) == ["upper", "checkpoint"], "more than a layer and images")
        guard let images = try place.openIfDirectory("checkpoint") else { throw Finding("no images") }
        for name in try images.names() {
            var status = stat()
            try promise(
                fstatat(images.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
                    && status.st_mode & S_IFMT == S_IFREG, "an image that is no file")
        }
    }
}
