import CArchive
import GantryCore
import Glibc
import Testing

@testable import GantryImages

/// Layers below one another, each made by a closure, base first.
private struct Layers {
    let parent: OpenDirectory
    private(set) var lower: [OpenDirectory] = []

    init(_ parent: OpenDirectory) { self.parent = parent }

    mutating func add(_ make: (OpenDirectory) throws -> Void) throws {
        let layer = try parent.make("\(lower.count)", mode: 0o755)
        try make(layer)
        lower.insert(layer, at: 0)
    }
}

/// Of directories; one that is not there is passed over.
private func inodes(_ names: [String], in layer: OpenDirectory) -> Set<ino_t> {
    Set(names.compactMap { layer.status($0.isEmpty ? "." : $0)?.st_ino })
}

private func settle(_ names: [String], of layer: OpenDirectory, over lower: [OpenDirectory]) throws {
    var directories = ImpliedDirectories(lower: lower)
    try directories.settle(inodes(names, in: layer), of: layer)
}

private func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
}

@Suite("A directory that a layer only implies", .timeLimit(.minutes(10)))
struct ImpliedDirectoryTests {
    @Test("looks as it does in the uppermost layer that has it")
    func copies() throws {
        try withTemporaryDirectory { parent in
            var layers = Layers(parent)
            try layers.add {
                try $0.make("tmp", mode: 0o700).restrict(to: 0o700)
                try $0.make("var", mode: 0o755).make("lib", mode: 0o711).restrict(to: 0o711)
            }
            try layers.add {
                let tmp = try $0.make("tmp", mode: 0o700)
                try tmp.restrict(to: 0o1777)
                fchown(tmp.descriptor, 12, 34)
                fsetxattr(tmp.descriptor, "user.note", "yes", 3, 0)
            }
            let top = try parent.make("top", mode: 0o755)
            _ = try top.make("tmp", mode: 0o755)
            _ = try top.make("var", mode: 0o755).make("lib", mode: 0o755)
            try top.make("new", mode: 0o750).restrict(to: 0o750)
            try settle(["", "tmp", "var", "var/lib", "new", "vanished"], of: top, over: layers.lower)
            var status = stat()
            #expect(stat("\(top.path)/tmp", &status) == 0 && status.st_mode == S_IFDIR | 0o1777)
            #expect(status.st_uid == 12 && status.st_gid == 34)
            var value = [UInt8](repeating: 0, count: 8)
            #expect(getxattr("\(top.path)/tmp", "user.note", &value, 8) == 3)
            #expect(mode("\(top.path)/var/lib") == 0o711)
            #expect(mode("\(top.path)/new") == 0o750)
        }
    }

    @Test("takes nothing from what is hidden")
    func respectsHiding() throws {
        try withTemporaryDirectory { parent in
            var layers = Layers(parent)
            try layers.add {
                for directory in ["white", "opaque", "file", "link"] {
                    try $0.make(directory, mode: 0o755).make("d", mode: 0o700).restrict(to: 0o700)
                }
            }
            try layers.add {
                #expect(gantry_archive_mknodat($0.descriptor, "white", S_IFCHR, 0, 0) == 0)
                let opaque = try $0.make("opaque", mode: 0o755)
                #expect(fsetxattr(opaque.descriptor, "trusted.overlay.opaque", "y", 1, 0) == 0)
                try $0.touch("file")
                symlinkat("opaque", $0.descriptor, "link")
            }
            let top = try parent.make("top", mode: 0o755)
            let all = ["white", "opaque", "file", "link"]
            for directory in all { try top.make(directory, mode: 0o755).make("d", mode: 0o755).restrict(to: 0o755) }
            try settle(all.map { "\($0)/d" }, of: top, over: layers.lower)
            for directory in all { #expect(mode("\(top.path)/\(directory)/d") == 0o755) }
        }
    }

    @Test("takes the root's attributes on as well")
    func copiesTheRoot() throws {
        try withTemporaryDirectory { parent in
            var layers = Layers(parent)
            try layers.add { try $0.restrict(to: 0o555) }
            let top = try parent.make("top", mode: 0o755)
            try settle(["."], of: top, over: layers.lower)
            #expect(mode(top.path) == 0o555)
        }
    }

    @Test("takes nothing from below what is opaque in its own layer")
    func respectsItsOwnLayer() throws {
        try withTemporaryDirectory { parent in
            var layers = Layers(parent)
            try layers.add { try $0.make("o", mode: 0o755).make("d", mode: 0o700).restrict(to: 0o700) }
            let top = try parent.make("top", mode: 0o755)
            let opaque = try top.make("o", mode: 0o755)
            #expect(fsetxattr(opaque.descriptor, "trusted.overlay.opaque", "y", 1, 0) == 0)
            try opaque.make("d", mode: 0o755).restrict(to: 0o755)
            try settle(["o/d"], of: top, over: layers.lower)
            #expect(mode("\(top.path)/o/d") == 0o755)
        }
    }
}
