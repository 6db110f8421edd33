import CGantry
import Glibc

/// Shows layers with the ids of a user namespace (Linux 5.19 and later, for overlayfs), as long as it takes to mount them together: the
/// overlay keeps its own copies.
struct IDMappedLayers {
    /// Path of the user namespace.
    let namespace: String
    /// Made for the time being; the layers appear in there as numbers.
    let directory: String

    func mount(_ layers: [String], _ body: ([String]) throws(EngineError) -> Void) throws(EngineError) {
        let user = try Descriptor(open(namespace, O_RDONLY | O_CLOEXEC), "open \(namespace)")
        try Files.makeDirectory(directory, mode: 0o700)
        var mapped: [String] = []
        defer {
            for path in mapped {
                try? Mounts.unmount(path)
                rmdir(path)
            }
            rmdir(directory)
        }
        for (index, layer) in layers.enumerated() {
            let target = "\(directory)/\(index)"
            let tree = try Descriptor(
                gantry_open_idmapped(layer, user.raw),
                "map the ids of \(layer) (a kernel before 5.19 or its file system cannot)")
            try Files.makeDirectory(target)
            mapped.append(target)
            guard gantry_move_mount(tree.raw, target) == 0 else { throw .posix("attach \(layer) at \(target)", errno) }
        }
        try body(mapped)
    }
}
