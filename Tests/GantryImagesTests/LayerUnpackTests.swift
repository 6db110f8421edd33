import CArchive
import GantryCore
import Glibc
import Testing

@testable import GantryImages

/// Unpacks an archive and hands over the directory that came of it.
private func unpack(
    _ tar: [UInt8], blob: [UInt8]? = nil, digest: Digest? = nil, diffID: Digest? = nil,
    _ body: (OpenDirectory, UnpackedLayer) throws -> Void
) throws {
    try withTemporaryDirectory { workspace in
        let blob = blob ?? tar
        let digest = digest ?? SHA256.digest(of: blob)
        let blobs = try workspace.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
        try blobs.replace(digest.hex, with: blob)
        let layer = LayerDownload.Layer(
            blob: BlobDescriptor(mediaType: "", digest: digest, size: Int64(blob.count)),
            position: 0, diffID: diffID ?? SHA256.digest(of: tar))
        let unpacked = try LayerUnpack(layer, in: workspace).run()
        try body(workspace.open(unpacked.directory), unpacked)
    }
}

private func unpack(_ build: (inout TarBuilder) -> Void, _ body: (OpenDirectory) throws -> Void) throws {
    var tar = TarBuilder()
    build(&tar)
    try unpack(tar.finished()) { directory, _ in try body(directory) }
}

extension OpenDirectory {
    fileprivate func status(_ name: String) -> stat? {
        var status = stat()
        return fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    fileprivate func text(_ name: String) throws -> String? {
        let slash = name.lastIndex(of: "/")
        let directory = try slash.map { try OpenDirectory.open("\(path)/\(name[..<$0])") } ?? self
        return try directory.read(
            String(name[(slash.map { name.index(after: $0) } ?? name.startIndex)...]), limit: 1 << 20
        )
        .map { String(decoding: $0, as: UTF8.self) }
    }

    fileprivate func attribute(_ key: String, of name: String) -> String? {
        var value = [UInt8](repeating: 0, count: 256)
        let count = lgetxattr("\(path)/\(name)", key, &value, value.count)
        return count < 0 ? nil : String(decoding: value[..<count], as: UTF8.self)
    }

    fileprivate func isWhiteout(_ name: String) -> Bool {
        status(name).map { $0.st_mode & S_IFMT == S_IFCHR && $0.st_rdev == 0 } ?? false
    }
}

@Suite("A layer, unpacked")
struct LayerUnpackTests {
    @Test("keeps content, modes, owners, times and kinds")
    func keepsEverything() throws {
        try unpack {
            $0.directory("d", mode: 0o1777, time: 12345)
            $0.file("d/f", "content", mode: 0o4755, owner: 1234)
            $0.symbolicLink("l", to: "/etc/passwd")
            $0.hardLink("h", to: "d/f")
            $0.fifo("p")
            $0.device("n", major: 1, minor: 3)
        } _: { (directory) throws in
            let file = try #require(directory.status("d/f"))
            #expect(file.st_mode == S_IFREG | 0o4755)
            #expect(file.st_uid == 1234 && file.st_gid == 1234)
            #expect(file.st_mtim.tv_sec == 1_000_000)
            #expect(try directory.text("d/f") == "content")
            #expect(directory.status("h")?.st_ino == file.st_ino)
            #expect(directory.status("d")?.st_mode == S_IFDIR | 0o1777)
            #expect(directory.status("d")?.st_mtim.tv_sec == 12345)
            #expect(directory.status("l").map { $0.st_mode & S_IFMT } == S_IFLNK)
            #expect(directory.status("p").map { $0.st_mode & S_IFMT } == S_IFIFO)
            #expect(directory.status("n").map { $0.st_rdev } == 0x103)
        }
    }

    @Test("keeps file capabilities and the user's attributes, and no other")
    func keepsAttributes() throws {
        let capability = "\u{1}\u{0}\u{0}\u{2}\u{0}\u{20}" + String(repeating: "\u{0}", count: 14)
        try unpack {
            $0.file(
                "f",
                attributes: ["security.capability": capability, "user.note": "yes", "trusted.overlay.redirect": "/etc"])
            $0.directory("d", attributes: ["trusted.overlay.opaque": "y", "security.selinux": "x"])
        } _: { (directory) throws in
            #expect(directory.attribute("security.capability", of: "f") == capability)
            #expect(directory.attribute("user.note", of: "f") == "yes")
            #expect(directory.attribute("trusted.overlay.redirect", of: "f") == nil)
            #expect(directory.attribute("trusted.overlay.opaque", of: "d") == nil)
        }
    }

    @Test("turns whiteouts into what overlayfs wants")
    func makesWhiteouts() throws {
        try unpack {
            $0.file("a/.wh.gone")
            $0.directory("o")
            $0.file("o/.wh..wh..opq")
            $0.file(".wh..wh.plnk")
            $0.file(".wh.back")
            $0.file("back", "new")
            $0.file(".wh.again")
            $0.directory("again")
            $0.file("kept", "kept")
            $0.file(".wh.kept")
            $0.directory("tree")
            $0.file("tree/leaf", "leaf")
            $0.file(".wh.tree")
        } _: { (directory) throws in
            #expect(directory.isWhiteout("a/gone"))
            #expect(directory.attribute("trusted.overlay.opaque", of: "o") == "y")
            #expect(directory.status(".wh..wh.plnk") == nil)
            #expect(try directory.text("back") == "new")
            #expect(directory.attribute("trusted.overlay.opaque", of: "again") == "y")
            #expect(try directory.text("kept") == "kept")
            #expect(try directory.text("tree/leaf") == "leaf")
            #expect(directory.attribute("trusted.overlay.opaque", of: "tree") == "y")
        }
    }

    @Test("lets a later entry replace an earlier one")
    func replaces() throws {
        try unpack {
            $0.file("f", "one")
            $0.directory("f")
            $0.file("f/inside", "x")
            $0.directory("d")
            $0.file("d/inside", "x")
            $0.file("d", "file")
            $0.symbolicLink("l", to: "d")
            $0.directory("l")
            $0.file("l/inside", "y")
            $0.file("t", "first")
            $0.file("t", "second")
        } _: { (directory) throws in
            #expect(try directory.text("f/inside") == "x")
            #expect(try directory.text("d") == "file")
            #expect(try directory.text("l/inside") == "y")
            #expect(try directory.text("t") == "second")
        }
    }

    @Test("makes the parents that its archive leaves out")
    func makesParents() throws {
        try unpack {
            $0.file("a/b/c", "x")
        } _: { (directory) throws in
            #expect(directory.status("a/b")?.st_mode == S_IFDIR | 0o755)
            #expect(try directory.text("a/b/c") == "x")
        }
    }

    @Test("makes them so whatever the umask is")
    func makesParentsUnderAnyUmask() throws {
        // The umask is the whole process's: this one takes nothing that other tests look for at the same time.
        let before = umask(0o027)
        defer { umask(before) }
        try unpack {
            $0.file("a/b/c", "x")
        } _: { (directory) throws in
            #expect(directory.status("a")?.st_mode == S_IFDIR | 0o755)
        }
    }

    @Test("makes a parent in the place of its whiteout hide what is below")
    func makesParentsOfWhiteouts() throws {
        try unpack {
            $0.file(".wh.d")
            $0.file("d/e/f", "x")
        } _: { (directory) throws in
            #expect(try directory.text("d/e/f") == "x")
            #expect(directory.attribute("trusted.overlay.opaque", of: "d") == "y")
        }
    }

    @Test("has files with holes, however GNU tar wrote them", arguments: ["1.0", "0.1"])
    func keepsHoles(_ version: String) throws {
        var map = Array("2\n0\n4\n8192\n4\n".utf8)
        map += [UInt8](repeating: 0, count: 512 - map.count)
        try unpack {
            let common = [("GNU.sparse.name", "holes"), ("GNU.sparse.major", String(version.prefix(1)))]
            if version == "1.0" {
                $0.pax(common + [("GNU.sparse.realsize", "10000")])
                $0.entry("GNUSparseFile.0/holes", type: "0", content: map + Array("abcdefgh".utf8))
            } else {
                $0.pax(common + [("GNU.sparse.size", "10000"), ("GNU.sparse.map", "0,4,8192,4")])
                $0.entry("GNUSparseFile.0/holes", type: "0", content: Array("abcdefgh".utf8))
            }
            $0.file("after", "x")
        } _: { (directory) throws in
            let text = try #require(try directory.read("holes", limit: 1 << 20))
            #expect(text.count == 10000 && text[0..<5] == Array("abcd\u{0}".utf8)[...])
            #expect(Array(text[8192..<8197]) == Array("efgh\u{0}".utf8))
            #expect(try directory.text("after") == "x")
        }
    }

    @Test("keeps names as they are: decomposed, composed and side by side, and what is no UTF-8")
    func keepsNamesBytewise() throws {
        let names: [[UInt8]] = [
            Array("e\u{301}".utf8), Array("\u{e9}".utf8), [0xe9], [0xff, 0xfe, 0x41],
            Array("A\u{30a}ngstro\u{308}m".utf8),
        ]
        var tar = TarBuilder()
        for name in names { tar.rawEntry(name, type: "0") }
        tar.rawEntry(Array("l".utf8), type: "2", link: [0xe9])
        tar.rawPax([(Array("path".utf8), [0xfd, 0xe9]), (Array("linkpath".utf8), Array("e\u{301}".utf8))])
        tar.rawEntry(Array("x".utf8), type: "2")
        tar.rawEntry(Array("h".utf8), type: "1", link: Array("e\u{301}".utf8))
        try unpack(tar.finished()) { directory, _ in
            let found = Set(try directory.entries().map { $0.dropLast().map { UInt8(truncatingIfNeeded: $0) } })
            #expect(found == Set(names + [Array("l".utf8), [0xfd, 0xe9], Array("h".utf8)]))
            for (link, target) in [(Array("l".utf8), [0xe9]), ([0xfd, 0xe9], Array("e\u{301}".utf8))]
                as [([UInt8], [UInt8])]
            {
                var buffer = [CChar](repeating: 0, count: 64)
                let count = readlinkat(directory.descriptor, link.terminated, &buffer, buffer.count)
                #expect(buffer.prefix(max(0, count)).map { UInt8(truncatingIfNeeded: $0) } == target)
            }
        }
    }

    @Test("takes names that are not ASCII, and long ones")
    func takesNames() throws {
        let long = String(repeating: "n", count: 200) + "/" + String(repeating: "m", count: 200)
        try unpack {
            $0.file("näme ☃", "odd")
            $0.pax([("path", "päx ☃/ω")])
            $0.file("x", "pax")
            $0.pax([("path", long)])
            $0.file("x", "long")
        } _: { (directory) throws in
            #expect(try directory.text("näme ☃") == "odd")
            #expect(try directory.text("päx ☃/ω") == "pax")
            #expect(try directory.text(long) == "long")
        }
    }

    @Test("with the digest of the root directory's own entry, takes its attributes on")
    func takesTheRootOn() throws {
        try unpack {
            $0.directory("./", mode: 0o700)
        } _: { (directory) throws in
            #expect(directory.status(".")?.st_mode == S_IFDIR | 0o700)
        }
    }

    @Test("of nothing is an empty directory")
    func empty() throws {
        try unpack { _ in
        } _: { (directory) throws in
            #expect(try directory.names() == [])
        }
    }

    @Test("counts its files")
    func counts() throws {
        var tar = TarBuilder()
        tar.directory("d")
        tar.file("d/f", String(repeating: "x", count: 5000))
        tar.hardLink("h", to: "d/f")
        try unpack(tar.finished()) { _, layer in
            #expect(layer.size == 5000)
            #expect(layer.usage == DiskUsage(bytes: 4096 + 4096 + 8192, inodes: 3))
        }
    }
}

@Suite("A hostile layer")
struct HostileLayerTests {
    @Test(
        "that leads out by its names is refused",
        arguments: ["../x", "a/../../x", "/../x", "./../x", "..", "a/b/../../../x"])
    func refusesDotDot(_ name: String) {
        let error = #expect(throws: EngineError.self) {
            try unpack {
                $0.file(name, "x")
            } _: { _ in
            }
        }
        #expect(error?.code == .invalid)
    }

    @Test("with absolute names is unpacked below its own root")
    func clampsAbsoluteNames() throws {
        try unpack {
            $0.file("/etc/gantry-escape", "x")
        } _: { (directory) throws in
            #expect(try directory.text("etc/gantry-escape") == "x")
        }
    }

    @Test(
        "with links to the outside writes to its own inside",
        arguments: ["/var/tmp", "../../../../../../../../../../var/tmp", "/proc/self/root/var/tmp"])
    func clampsLinks(_ target: String) throws {
        try unpack {
            $0.directory("var/tmp")
            $0.directory("proc/self/root/var/tmp")
            $0.symbolicLink("out", to: target)
            $0.file("out/gantry-escape", "x")
        } _: { (directory) throws in
            #expect(access("/var/tmp/gantry-escape", F_OK) != 0)
            let inside = target.contains("proc") ? "proc/self/root/var/tmp" : "var/tmp"
            #expect(try directory.text("\(inside)/gantry-escape") == "x")
        }
    }

    @Test(
        "may write through a link to what only a layer below has",
        arguments: [("run/", "/run"), ("x/y/", "../x/y"), ("x/", "../../../../x")])
    func followsDanglingLinks(_ place: String, _ target: String) throws {
        try unpack {
            $0.symbolicLink("var/link", to: target)
            $0.file("var/link/deep/file", "x")
        } _: { (directory) throws in
            #expect(try directory.text("\(place)deep/file") == "x")
        }
    }

    @Test("does not write through a link that is the last part of a name")
    func doesNotFollowTheLastPart() throws {
        try unpack {
            $0.symbolicLink("f", to: "/etc/passwd")
            $0.file("f", "mine", mode: 0o600)
        } _: { (directory) throws in
            #expect(try directory.text("f") == "mine")
        }
    }

    @Test(
        "does not link to files outside",
        arguments: ["/etc/passwd", "etc/passwd", "out/passwd", "../../etc/passwd", ".", "out"])
    func refusesOutsideHardLinks(_ target: String) {
        let error = #expect(throws: EngineError.self) {
            try unpack {
                $0.symbolicLink("out2", to: "/etc")
                $0.hardLink("h", to: target)
            } _: { _ in
            }
        }
        #expect(error != nil)
    }

    @Test("with whiteouts of nothing or of its parent is refused", arguments: [".wh.", ".wh..", ".wh...", "d/.wh..."])
    func refusesOddWhiteouts(_ name: String) {
        #expect(throws: EngineError.self) {
            try unpack {
                $0.file(name)
            } _: { _ in
            }
        }
    }

    @Test("of links in a circle is refused")
    func refusesCircles() {
        #expect(throws: EngineError.self) {
            try unpack {
                $0.symbolicLink("a", to: "b")
                $0.symbolicLink("b", to: "a")
                $0.file("a/x", "x")
            } _: { _ in
            }
        }
    }

    @Test("that goes very deep is unpacked and removed again")
    func goesDeep() throws {
        let step = String(repeating: "d/", count: 90)
        try unpack {
            var below = ""
            for number in 0..<15 {
                $0.pax([("path", "\(below)\(step)x")])
                $0.file("x", "x")
                // Each link leads 90 levels further down than a name could.
                $0.pax([("linkpath", "\(below)\(step)")])
                $0.symbolicLink("l\(number)", to: "x")
                below = "l\(number)/"
            }
        } _: { (directory) throws in
            #expect(directory.status("d") != nil)
        }
    }

    @Test(
        "whose numbers are more than there can be is refused",
        arguments: ["size", "uid", "GNU.sparse.realsize"])
    func refusesOverflow(_ key: String) {
        for value in ["9223372036854775807", "9223372036854775808", "99999999999999999999999", "-1", "x"] {
            let error = #expect(throws: EngineError.self) {
                try unpack {
                    $0.pax([(key, value), ("GNU.sparse.map", "9223372036854775807,9223372036854775807")])
                    $0.file("f", "x")
                } _: { _ in
                }
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test("of files whose lengths add up to more than there can be is refused")
    func refusesSumOverflow() {
        let error = #expect(throws: EngineError.self) {
            try unpack {
                for name in ["a", "b", "c"] {
                    $0.pax([("GNU.sparse.map", "0,1"), ("GNU.sparse.size", "9223372036854775000")])
                    $0.file(name, "x")
                }
            } _: { _ in
            }
        }
        #expect(error?.code == .invalid)
    }

    @Test("cannot be told from noise: whatever the bytes, unpacking ends and nothing traps")
    func survivesNoise() throws {
        var tar = TarBuilder()
        tar.directory("d")
        tar.file("d/f", String(repeating: "x", count: 700), attributes: ["user.a": "b"])
        tar.symbolicLink("l", to: "d")
        tar.hardLink("h", to: "d/f")
        tar.file(".wh.x")
        let sound = tar.finished()
        var generator = SplitMix64(seed: 11)
        for _ in 0..<300 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            try? unpack(bytes) { _, _ in }
        }
    }
}

@Suite("A blob")
struct BlobTests {
    private static let tar: [UInt8] = {
        var tar = TarBuilder()
        tar.file("f", "content")
        return tar.finished()
    }()

    @Test("that is not what its digest says is refused")
    func refusesWrongBlob() {
        let error = #expect(throws: EngineError.self) {
            try unpack(Self.tar, digest: SHA256.digest(of: [1])) { _, _ in }
        }
        #expect(error?.code == .invalid)
    }

    @Test("whose content is not what the configuration says is refused")
    func refusesWrongContent() {
        let error = #expect(throws: EngineError.self) {
            try unpack(Self.tar, diffID: SHA256.digest(of: [1])) { _, _ in }
        }
        #expect(error?.code == .invalid)
    }

    @Test(
        "that is no archive is refused",
        arguments: [
            [UInt8]("no archive at all".utf8), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3],
            [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3],
        ])
    func refusesRubbish(_ bytes: [UInt8]) {
        #expect(throws: EngineError.self) { try unpack(bytes) { _, _ in } }
    }

    @Test(
        "may be compressed by gzip or zstd, in several pieces",
        arguments: [("gzip", 1), ("gzip", 3), ("zstd", 1), ("zstd", 3)])
    func uncompresses(_ filter: String, _ pieces: Int) throws {
        let size = Self.tar.count / pieces
        var blob: [UInt8] = []
        for piece in 0..<pieces {
            let end = piece == pieces - 1 ? Self.tar.count : (piece + 1) * size
            blob += try compress(Array(Self.tar[piece * size..<end]), filter)
        }
        try unpack(Self.tar, blob: blob) { (directory, _) throws in
            #expect(try directory.text("f") == "content")
        }
    }

    private func compress(_ bytes: [UInt8], _ filter: String) throws -> [UInt8] {
        let archive = try #require(archive_write_new())
        defer { archive_write_free(archive) }
        archive_write_set_format_raw(archive)
        try #require(
            (filter == "gzip" ? archive_write_add_filter_gzip(archive) : archive_write_add_filter_zstd(archive))
                == ARCHIVE_OK)
        archive_write_set_bytes_in_last_block(archive, 1)
        var output = [UInt8](repeating: 0, count: bytes.count + 4096)
        var used = 0
        let entry = archive_entry_new()
        defer { archive_entry_free(entry) }
        archive_entry_set_filetype(entry, 0o100000)
        try output.withUnsafeMutableBytes { space in
            try #require(archive_write_open_memory(archive, space.baseAddress, space.count, &used) == ARCHIVE_OK)
            try #require(archive_write_header(archive, entry) == ARCHIVE_OK)
            try #require(archive_write_data(archive, bytes, bytes.count) == bytes.count)
            try #require(archive_write_close(archive) == ARCHIVE_OK)
        }
        return Array(output[..<used])
    }
}
