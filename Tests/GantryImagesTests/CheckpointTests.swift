import CArchive
import GantryCore
import Glibc
import JSON
import Testing

@testable import GantryImages

/// An archive of a checkpoint, with what is told in the places of what it would have.
private func archive(
    config: String? = #"{"name":"web","rootfsImageRef":"sha256:1","rootfsImageName":"web:1"}"#,
    spec: String? = #"{"mounts":[{"destination":"/proc"},{"destination":"/data"}]}"#,
    _ more: (inout TarBuilder) -> Void = { _ in }
) -> [UInt8] {
    var tar = TarBuilder()
    if let config { tar.file("config.dump", config) }
    if let spec { tar.file("spec.dump", spec) }
    tar.directory("checkpoint/")
    tar.file("checkpoint/inventory.img", "images")
    more(&tar)
    return tar.finished()
}

/// Unpacks an archive over a layer with `etc/passwd`, `etc/old/a` and `etc/old/b` (mode 0711).
private func restore(
    _ bytes: [UInt8], _ body: (OpenDirectory, [String], CheckpointFile.Facts) throws -> Void = { _, _, _ in }
) throws {
    try withTemporaryDirectory { root in
        let file = try root.create("a.tar", bytes)
        close(file)
        let layer = try root.make("layer", mode: 0o755)
        let old = try layer.make("etc", mode: 0o755).make("old", mode: 0o711)
        try old.restrict(to: 0o711)
        for name in ["a", "b"] { try old.touch(name) }
        try OpenDirectory.open("\(layer.path)/etc").touch("passwd")
        let store = try ImageStore(dataDirectory: "\(root.path)/data")
        do {
            let unpacked = try UnpackedCheckpoint(CheckpointFile("\(root.path)/a.tar"), over: [layer.path], in: store)
            try body(OpenDirectory.open(unpacked.path), unpacked.mounts, unpacked.facts)
            withExtendedLifetime(unpacked) {}
        }
        #expect(try store.temporary.names().isEmpty, "the workspace is left")
    }
}

@Suite("A checkpoint's archive", .timeLimit(.minutes(10)))
struct CheckpointTests {
    @Test func `what a container changed is what its successor begins with`() throws {
        try withTemporaryDirectory { root in
            let layer = try root.make("layer", mode: 0o755)
            let made = try layer.make("made", mode: 0o755)
            for name in ["kept", "gone"] { try made.touch(name) }
            let upper = try root.make("upper", mode: 0o755)
            let long = String(repeating: "n", count: 200)
            let deep = try upper.make(long, mode: 0o750)
            try deep.restrict(to: 0o750)
            close(try deep.create(long, Array("hello".utf8), mode: 0o4755))
            let file = "\(deep.path)/\(long)"
            #expect(chown(file, 3_000_000_000, 12) == 0 && chmod(file, 0o4755) == 0)
            #expect(setxattr(file, "user.note", "yes", 3, 0) == 0)
            #expect(setxattr(file, "trusted.overlay.origin", "x", 1, 0) == 0)
            #expect(link(file, "\(upper.path)/same") == 0)
            #expect(symlink("/\(long)", "\(upper.path)/link") == 0)
            #expect(mkfifo("\(upper.path)/fifo", 0o600) == 0)
            close(try upper.create("hole", []))
            #expect(truncate("\(upper.path)/hole", 100_000) == 0)
            let remade = try upper.make("made", mode: 0o755)
            try remade.touch("kept")
            #expect(fsetxattr(remade.descriptor, "trusted.overlay.opaque", "y", 1, 0) == 0)
            #expect(gantry_archive_mknodat(upper.descriptor, "removed", S_IFCHR, 0, 0) == 0)
            let odd: [UInt8] = [0x62, 0xFF]
            #expect(gantry_archive_mknodat(upper.descriptor, odd.terminated, S_IFCHR, 0, 0) == 0)

            let target = try ArchiveFile("\(root.path)/a.tar")
            let tar = TarWriter(target.descriptor, path: target.path)
            var changes = WritableLayerArchive(upper: upper, layers: [layer], to: tar)
            try changes.write()
            try tar.finish()
            try target.publish()
            #expect(changes.removed.sorted() == ["made/gone", "removed"])
            let bytes = try #require(try root.read("a.tar", limit: 1 << 22))
            try unpack(bytes) { again, _ in
                let status = try #require(again.status("\(long)/\(long)"))
                #expect(status.st_mode & 0o7777 == 0o4755 && status.st_uid == 3_000_000_000 && status.st_gid == 12)
                #expect(try again.text("\(long)/\(long)") == "hello")
                #expect(again.attribute("user.note", of: "\(long)/\(long)") == "yes")
                #expect(again.attribute("trusted.overlay.origin", of: "\(long)/\(long)") == nil)
                #expect(again.status("same")?.st_ino == status.st_ino)
                #expect(again.status(long)?.st_mode == S_IFDIR | 0o750)
                #expect(again.status("fifo")?.st_mode == S_IFIFO | 0o600 && again.status("hole")?.st_size == 100_000)
                #expect(again.status("link").map { $0.st_mode & S_IFMT } == S_IFLNK)
                #expect(again.status("made/kept") != nil && again.status("removed") == nil)
                var whiteout = stat()
                #expect(fstatat(again.descriptor, odd.terminated, &whiteout, AT_SYMLINK_NOFOLLOW) == 0)
                #expect(whiteout.st_mode & S_IFMT == S_IFCHR)
                var before = stat()
                #expect(stat(file, &before) == 0 && before.st_mtim.tv_nsec == status.st_mtim.tv_nsec)
            }
        }
    }

    @Test func `a file is there when it is whole, root's alone, in place of what was there`() throws {
        try withTemporaryDirectory { root in
            try root.touch("other")
            #expect(symlink("other", "\(root.path)/a") == 0)
            do {
                let abandoned = try ArchiveFile("\(root.path)/b")
                #expect(write(abandoned.descriptor, "x", 1) == 1)
            }
            let file = try ArchiveFile("\(root.path)/a")
            #expect(write(file.descriptor, "new", 3) == 3)
            #expect(try root.names().sorted() == ["a", "other"])
            try file.publish()
            #expect(try root.text("a") == "new" && root.text("other") == "")
            #expect(root.status("a")?.st_mode == S_IFREG | 0o600)
            #expect(try root.names().sorted() == ["a", "other"])
        }
    }

    @Test(arguments: [
        "a.tar", "", "/", "/var/tmp/", "/var/tmp/.", "/var/tmp", "/var/tmp/no/such/a.tar", "/dev/null",
        "/dev/null/a.tar", "/proc/a.tar", "/var/tmp/\(String(repeating: "n", count: 256))",
    ])
    func `a path that no file can be written at is refused`(path: String) {
        let error = #expect(throws: EngineError.self) { try ArchiveFile(path) }
        #expect(error?.code == .invalid && error?.message.contains(path) == true)
    }

    @Test func `a checkpoint is unpacked into a writable layer and images`() throws {
        let bytes = archive {
            var layer = TarBuilder()
            layer.file("etc/new", "of the checkpoint")
            $0.entry("rootfs-diff.tar", type: "0", content: layer.finished())
            $0.file("deleted.files", #"["/etc/passwd","etc/old/a"]"#)
        }
        try restore(bytes) { (place, mounts, facts) throws -> Void in
            #expect(mounts == ["/proc", "/data"] && facts.imageName == "web:1")
            #expect(try place.names().sorted() == ["checkpoint", "upper"])
            #expect(try place.text("checkpoint/inventory.img") == "images")
            #expect(try place.text("upper/etc/new") == "of the checkpoint")
            #expect(place.isWhiteout("upper/etc/passwd") && place.isWhiteout("upper/etc/old/a"))
            // Nothing said what it is like: it is like the one below.
            #expect(place.status("upper/etc/old")?.st_mode == S_IFDIR | 0o711)
        }
    }

    @Test func `changes as a compressed layer, as containerd writes them, are taken too`() throws {
        var layer = TarBuilder()
        layer.file("etc/.wh.passwd")
        let packed = try compress(layer.finished(), "gzip")
        try restore(archive { $0.entry("rootfs-diff.tar", type: "0", content: packed) }) { place, _, _ in
            #expect(place.isWhiteout("upper/etc/passwd"))
        }
    }

    @Test(
        "What no runtime writes is refused by name, and nothing is left",
        arguments: [
            ("config.dump", archive(config: nil)), ("spec.dump", archive(spec: nil)),
            ("config.dump", archive(config: "[")), ("spec.dump: mounts", archive(spec: #"{"mounts":[{}]}"#)),
            ("spec.dump: mounts", archive(spec: #"{"mounts":7}"#)),
            ("rootfsImageRef", archive(config: #"{"rootfsImageRef":1}"#)),
            ("checkpoint/pages.img", archive { $0.symbolicLink("checkpoint/pages.img", to: "/etc/shadow") }),
            ("checkpoint/more", archive { $0.directory("checkpoint/more") }),
            ("checkpoint/x", archive { $0.device("checkpoint/x", major: 1, minor: 3) }),
            ("config.dump: must be a file", archive(config: nil) { $0.fifo("config.dump") }),
            ("spec.dump: must be a file", archive(spec: nil) { $0.symbolicLink("spec.dump", to: "/etc/passwd") }),
            ("rootfs-diff.tar: must be a file", archive { $0.symbolicLink("rootfs-diff.tar", to: "/dev/zero") }),
            ("deleted.files", archive { $0.file("deleted.files", "{}") }),
            ("deleted.files", archive { $0.file("deleted.files", "[1]") }),
            ("leads out", archive { $0.file("deleted.files", #"["../../etc/passwd"]"#) }),
            ("entry ../ [2J x: leads", archive { $0.file("deleted.files", #"["../\u001b[2J\nx"]"#) }),
            ("root", archive { $0.file("deleted.files", #"["/"]"#) }), ("leads out", archive { $0.file("../x") }),
            ("checkpoint", [UInt8](repeating: 7, count: 4096)),
        ] as [(String, [UInt8])])
    func hostile(part: String, bytes: [UInt8]) {
        let error = #expect(throws: EngineError.self) { try restore(bytes) }
        #expect(error?.code == .invalid && error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test func `what others could have written is no checkpoint, nor what is no file`() throws {
        try withTemporaryDirectory { root in
            close(try root.create("a.tar", archive()))
            #expect(try CheckpointFile("\(root.path)/a.tar").facts().imageID == "sha256:1")
            #expect(chmod("\(root.path)/a.tar", 0o620) == 0)
            #expect(symlink("a.tar", "\(root.path)/link") == 0 && mkfifo("\(root.path)/fifo", 0o600) == 0)
            #expect(mknod("\(root.path)/socket", S_IFSOCK | 0o600, 0) == 0)
            close(try root.create("foreign", archive()))
            #expect(chown("\(root.path)/foreign", 1000, 0) == 0)
            for name in ["a.tar", "link", "fifo", "socket", "foreign", "."] {
                let error = #expect(throws: EngineError.self) { try CheckpointFile("\(root.path)/\(name)").facts() }
                #expect(error?.code == .invalid, "\(name): \(error?.message ?? "")")
            }
            #expect(throws: EngineError.self) { try CheckpointFile("a.tar") }
            let none = #expect(throws: EngineError.self) { try CheckpointFile("\(root.path)/none") }
            #expect(none?.code == .notFound)
        }
    }

    @Test func `a directory that others may write leads nowhere else, and nothing is taken from it`() throws {
        try withTemporaryDirectory { root in
            let target = try root.make("target", mode: 0o755)
            let volume = try root.make("volume", mode: 0o777)
            #expect(chmod(volume.path, 0o777) == 0)
            let inner = try volume.make("inner", mode: 0o755)
            #expect(symlink(target.path, "\(volume.path)/link") == 0)
            #expect(symlink("../../target", "\(inner.path)/link") == 0)
            #expect(symlink("target", "\(root.path)/link") == 0 && symlink("loop", "\(root.path)/loop") == 0)
            for place in [target, volume, inner] { close(try place.create("a.tar", archive())) }
            for name in ["volume/link", "volume/inner/link", "volume/inner/../link", "loop", "volume/a.tar"] {
                let path = "\(root.path)/\(name)/a.tar"
                let write = #expect(throws: EngineError.self) { try ArchiveFile(path).publish() }
                let read = #expect(throws: EngineError.self) { try CheckpointFile(path) }
                #expect(write?.message.contains(path) == true && read?.message.contains(path) == true)
                if name != "loop" { #expect(write?.code == .invalid && read?.code == .invalid, "\(name)") }
            }
            // A volume can be written to, as whoever asked for it says; links of root's own are followed.
            try ArchiveFile("\(inner.path)/b.tar").publish()
            #expect(try Set(inner.names()) == ["a.tar", "b.tar", "link"] && target.names() == ["a.tar"])
            #expect(try WatchedPath("/proc/self").directory.path == "/proc/\(getpid())")
            for place in [volume, inner] {
                let error = #expect(throws: EngineError.self) { try CheckpointFile("\(place.path)/a.tar") }
                #expect(error?.code == .invalid && error?.message.contains("into \(volume.path),") == true)
            }
            // In a sticky one, such as /tmp, nobody replaces what is root's.
            #expect(chmod(volume.path, 0o1777) == 0)
            #expect(try CheckpointFile("\(inner.path)/a.tar").facts().imageID == "sha256:1")
            #expect(chown(inner.path, 1000, 0) == 0)
            #expect(throws: EngineError.self) { try CheckpointFile("\(inner.path)/a.tar") }
        }
    }

    @Test func `the image is named as each runtime names it`() throws {
        let hex = String(repeating: "a", count: 64)
        #expect(try CheckpointFile.facts(Array(#"{"rootfsImageRef":"\#(hex)"}"#.utf8)).imageID == "sha256:\(hex)")
        #expect(try CheckpointFile.facts(Array(#"{"rootfsImage":"web"}"#.utf8)).imageName == "web")
        #expect(CheckpointArchive.time(1_600_000_000_000_000_042) == "2020-09-13T12:26:40.000000042Z")
    }
}
