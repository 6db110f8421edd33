import GantryCore
import Glibc
import Testing

@testable import GantryImages

@Suite("A hostile layer", .timeLimit(.minutes(10)))
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

    @Test("that goes very deep, by links deeper than any name, is refused, and removed again")
    func goesDeep() throws {
        let step = String(repeating: "d/", count: 90)
        let error = #expect(throws: EngineError.self) {
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
            } _: { _ in
            }
        }
        #expect(error?.message.contains("more than 256 directories in one another") == true)
    }

    @Test("compressed twice is refused")
    func isUncompressedOnce() throws {
        var tar = TarBuilder()
        tar.file("f", "x")
        let once = try compress(tar.finished(), "gzip")
        let error = #expect(throws: EngineError.self) {
            try unpack(once, blob: compress(once, "gzip")) { _, _ in }
        }
        #expect(error?.message.contains("compressed more than once") == true)
    }

    @Test("is given up between two pieces when nobody wants it any more, wherever it is", arguments: 0..<5)
    func isInterrupted(_ part: Int) throws {
        var tar = TarBuilder()
        switch part {
        case 0: for number in 0..<100 { tar.file("f\(number)") }
        case 1: tar.file("f", String(repeating: "x", count: 1 << 20))
        case 2: tar.file(".wh.f", String(repeating: "x", count: 1 << 20))
        case 3: tar.pax([("comment", String(repeating: "x", count: 1 << 19))])
        default: tar.file("f")
        }
        let bytes = part == 4 ? tar.finished() + [UInt8](repeating: 0, count: 1 << 20) : tar.finished()
        try withTemporaryDirectory { workspace in
            let blobs = try workspace.make("blobs", mode: 0o700).make("sha256", mode: 0o700)
            let digest = SHA256.digest(of: bytes)
            try blobs.replace(digest.hex, with: bytes)
            let layer = LayerDownload.Layer(
                blob: BlobDescriptor(mediaType: "", digest: digest, size: Int64(bytes.count)), position: 0)
            let interruption = Interruption()
            interruption.interrupt()
            #expect(throws: EngineError(.unavailable, "layer \(digest): was interrupted")) {
                try LayerUnpack(layer, in: workspace).run(interruption)
            }
            #expect(try workspace.open("layer-0").names() == [])
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
            do {
                try unpack(bytes) { _, _ in }
            } catch {
                #expect((error as? EngineError)?.code == .invalid, "\(error)")
            }
        }
    }
}
