import Glibc
import Testing

@testable import SmallFiles

@Suite("The file that says which engine a data directory is of", .timeLimit(.minutes(10)))
final class EngineMarkerTests {
    private let directory: String
    private var path: String { "\(directory)/engine" }

    init() throws {
        var template = Array("/tmp/rktlet-marker-XXXXXX".utf8CString)
        directory = String(cString: try #require(mkdtemp(&template)))
    }

    deinit {
        unlink("\(directory)/engine")
        rmdir("\(directory)/engine")
        rmdir(directory)
    }

    private func write(_ bytes: [UInt8]) throws {
        let file = try #require(fopen(path, "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    private func refusal() -> String {
        do throws(EngineMarker.Refusal) {
            return "is \(try EngineMarker.owner(of: directory) ?? "nobody")'s"
        } catch {
            return error.description
        }
    }

    @Test("no file, and one without a word in it, is nobody's")
    func nobody() throws {
        #expect(try EngineMarker.owner(of: directory) == nil)
        try write(Array(" \r\n".utf8))
        #expect(try EngineMarker.owner(of: directory) == nil)
    }

    @Test(
        "line ends and blanks around a name are none of it",
        arguments: ["rkt", "rkt\n", "rkt\r\n", " rkt \r\n\r\n", "\trkt"])
    func names(_ text: String) throws {
        try write(Array(text.utf8))
        #expect(try EngineMarker.owner(of: directory) == "rkt")
    }

    @Test(
        "what is no name is refused, and shown so that no terminal heeds it",
        arguments: [
            ("rkt gantry\n", "\"rkt gantry\""), ("\u{1b}[2Jrkt", "\"\\x1b[2Jrkt\""),
            ("rkt\u{202e}", "\"rkt\\xe2\\x80\\xae\""),
            ("rkt\ngantry\n", "\"rkt\\x0agantry\""), ("a\"b\\c", "\"a\\x22b\\x5cc\""), ("RKT", "\"RKT\""),
            (String(repeating: "é", count: 100), "\\xc3\\xa9...\""), (String(repeating: "a", count: 33), "aaa\""),
        ])
    func words(_ text: String, _ shown: String) throws {
        try write(Array(text.utf8))
        let told = refusal()
        #expect(told.contains(shown) && told.hasPrefix(path) && told.contains("or remove it"), "\(told)")
        #expect(told.utf8.allSatisfy { (0x20...0x7e).contains($0) })
    }

    @Test("bytes that are no text are refused the same way")
    func noText() throws {
        try write([0xff, 0xfe, 0x00])
        #expect(refusal().contains("\"\\xff\\xfe\\x00\""))
    }

    @Test("a pipe, a directory, a link, a device and a long file are refused at once")
    func others() throws {
        #expect(mkfifo(path, 0o600) == 0)
        #expect(refusal().contains("is no regular file"))
        unlink(path)
        #expect(mkdir(path, 0o700) == 0)
        #expect(refusal().contains("is no regular file"))
        rmdir(path)
        for target in [path, "/dev/null", "/etc/hostname", "/nowhere"] {
            #expect(symlink(target, path) == 0)
            #expect(refusal().contains("is a symbolic link"), "\(target)")
            unlink(path)
        }
        if mknod(path, S_IFCHR | 0o600, dev_t(1 << 8 | 5)) == 0 {
            #expect(refusal().contains("is no regular file"))
            unlink(path)
        }
        try write(Array(repeating: UInt8(ascii: "a"), count: 1 << 20))
        #expect(refusal().contains("has more than 256 bytes"))
        let sparse = try #require(fopen(path, "w"))
        #expect(ftruncate(fileno(sparse), 1 << 40) == 0)
        fclose(sparse)
        #expect(refusal().contains("has more than 256 bytes"))
    }

    @Test("a link is followed where that is asked for, and what is behind it is held to the same")
    func followed() throws {
        #expect(symlink("/dev/zero", path) == 0)
        #expect(throws: SmallFile.Refusal.notRegular) {
            try SmallFile.bytes(of: path, limit: 10, followingLinks: true)
        }
        unlink(path)
        #expect(symlink("/proc/self/comm", path) == 0)
        #expect(try SmallFile.bytes(of: path, limit: 64, followingLinks: true)?.isEmpty == false)
    }
}
