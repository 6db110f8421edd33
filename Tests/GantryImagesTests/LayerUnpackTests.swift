import GantryCore
import Glibc
import Testing

@testable import GantryImages

@Suite("A layer, unpacked", .timeLimit(.minutes(10)))
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

    @Test("leaves out an attribute of the user that is longer than the kernel takes, and no other")
    func leavesOutLongAttributes() throws {
        let long = String(repeating: "x", count: 70_000)
        let longName = "user.\(String(repeating: "n", count: 300))"
        try unpack {
            $0.file("f", "f", attributes: ["user.long": long, longName: "no", "user.short": "yes"])
            $0.directory("d", attributes: ["user.long": long])
        } _: { (directory) throws in
            #expect(try directory.text("f") == "f")
            #expect(directory.attribute("user.short", of: "f") == "yes")
            #expect(directory.attribute("user.long", of: "f") == nil && directory.status("d") != nil)
        }
        #expect(throws: EngineError.self) {
            try unpack {
                $0.file("f", "f", attributes: ["security.capability": long])
            } _: { _ in
            }
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

    @Test("takes no more of the disk than is counted, however its pieces lie", arguments: [1, 2, 3, 4095, 4096, 4097])
    func countsBlocks(_ length: Int) throws {
        // Each across a border, or up to it.
        let offsets = (0..<20).map { $0 * 16384 + 4095 }
        var limits = ImageLimits.standard
        limits.compressionRatio = 0
        limits.layerBytes = 1 << 20
        func build(_ tar: inout TarBuilder) {
            let map = offsets.flatMap { ["\($0)", "\(length)"] }.joined(separator: ",")
            tar.pax([("GNU.sparse.map", map), ("GNU.sparse.size", "1000000")])
            tar.file("f", String(repeating: "x", count: length * offsets.count))
        }
        var tar = TarBuilder()
        build(&tar)
        let blocks = Int64((4095 + length + 4095) / 4096 * offsets.count) * 4096
        // The entry's own block is counted, too.
        limits.layerBytes = blocks + 4096
        try unpack(tar.finished(), limits: limits) { (directory, _) throws in
            // Some file systems have a block that says where the others are.
            #expect(Int64(try #require(directory.status("f")).st_blocks) * 512 <= blocks + 4096)
        }
        limits.layerBytes -= 1
        #expect(throws: EngineError.self) { try unpack(tar.finished(), limits: limits) { _, _ in } }
    }

    @Test(
        "is told compressed by what it holds, not by how its first name begins",
        arguments: ["", "tar", "tar+gzip", "tar+zstd"])
    func namesLikeMagic(_ type: String) throws {
        let mediaType = type.isEmpty ? "" : "application/vnd.oci.image.layer.v1.\(type)"
        for magic in [[0x1f, 0x8b, 0x08, 0x00], [0x28, 0xb5, 0x2f, 0xfd], [0x50, 0x2a, 0x4d, 0x18]] as [[UInt8]] {
            var tar = TarBuilder()
            tar.rawEntry(magic.filter { $0 != 0 }, type: "0")
            try unpack(tar.finished(), mediaType: mediaType) { (directory, _) throws in
                #expect(try directory.entries().count == 1)
            }
        }
    }

    @Test("is not uncompressed where its media type says that it is an archive as it is")
    func plainByMediaType() throws {
        var tar = TarBuilder()
        tar.file("f", "x")
        let bytes = tar.finished()
        let blob = try compress(bytes, "gzip")
        try unpack(bytes, blob: blob, mediaType: "application/vnd.oci.image.layer.v1.tar+gzip") { _, _ in }
        #expect(throws: EngineError.self) {
            try unpack(bytes, blob: blob, mediaType: "application/vnd.oci.image.layer.v1.tar") { _, _ in }
        }
    }

    @Test("a disk is full when it has no blocks or no inodes left")
    func fullDisk() {
        func look(_ blocks: UInt, _ all: UInt, _ inodes: UInt) -> Bool {
            EntryAttributes.isFull(0) { _, status in
                status.f_bavail = blocks
                status.f_files = all
                status.f_favail = inodes
                return 0
            }
        }
        #expect(look(0, 100, 100) && look(15, 100, 100) && look(1000, 100, 0))
        #expect(!look(1000, 100, 1) && !look(1000, 0, 0))
    }

    @Test("an attribute that a full disk has no room for is told as that, others by what they are")
    func refusedAttributes() throws {
        let name = try EntryName(Array("f".utf8))
        let room = open("/proc/self", O_RDONLY)
        let plenty = open("/", O_RDONLY)
        defer {
            close(room)
            close(plenty)
        }
        // /proc has no blocks.
        for attribute in ["user.x", "security.capability"] {
            let error = #expect(throws: EngineError.self) {
                try EntryAttributes.refused(attribute, of: name, ENOSPC, on: room)
            }
            #expect(error?.code == .exhausted)
        }
        #expect(throws: Never.self) { try EntryAttributes.refused("user.x", of: name, ENOSPC, on: plenty) }
        let error = #expect(throws: EngineError.self) {
            try EntryAttributes.refused("security.capability", of: name, ENOSPC, on: plenty)
        }
        #expect(error?.code == .invalid)
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

    @Test("is as large as the blocks it takes: a file of two names once, one that was replaced not at all, holes not")
    func counts() throws {
        var tar = TarBuilder()
        tar.directory("d")
        tar.file("gone", String(repeating: "x", count: 1_000_000))
        tar.file("gone", "x")
        tar.file("d/f", String(repeating: "x", count: 500_000))
        tar.hardLink("h", to: "d/f")
        tar.pax([("GNU.sparse.map", "0,1"), ("GNU.sparse.size", "\(8 << 40)")])
        tar.file("hole", "x")
        try unpack(tar.finished()) { directory, layer in
            #expect(directory.status("hole")?.st_size == 8 << 40)
            #expect(layer.usage.inodes == 5)
            #expect((500_000...600_000).contains(layer.usage.bytes))
        }
    }

    @Test(
        "may have its directories described before, behind and among what is in them: their times are what was said last"
    )
    func setsTimesOfDirectories() throws {
        try unpack {
            $0.file("implied/f")
            $0.directory("d", time: 11)
            $0.file("d/f")
            $0.file("e/f")
            $0.directory("e", time: 22)
            $0.directory("gone/x", time: 33)
            $0.file("gone", "a file in a directory's place")
            $0.directory("d", time: 44)
            $0.file("d/g")
        } _: { (directory) throws in
            #expect(directory.status("d")?.st_mtim.tv_sec == 44 && directory.status("e")?.st_mtim.tv_sec == 22)
            #expect(try #require(directory.status("implied")).st_mtim.tv_sec > 1_000_000_000)
            #expect(directory.status("gone").map { $0.st_mode & S_IFMT } == S_IFREG)
        }
    }
}
