import Glibc
import JSON
import Testing

@testable import GantryCore

/// No way for others through the engine's directories.
@Suite(.timeLimit(.minutes(10)))
struct PrivateDirectoryTests {
    let scratch = Scratch()

    private func mode(_ path: String) -> mode_t {
        var info = stat()
        guard stat("\(scratch.path)/\(path)", &info) == 0 else { return 0 }
        return info.st_mode & 0o7777
    }

    private func make(_ paths: [String], mode: mode_t) {
        for path in paths {
            mkdir("\(scratch.path)/\(path)", 0o700)
            chmod("\(scratch.path)/\(path)", mode)
        }
    }

    @Test func `What an older engine left open is closed, with the pods' own directories`() throws {
        let closed = [
            "lib", "lib/pods", "lib/pods/prepare", "lib/pods/run", "lib/pods/run/a", "lib/pods/garbage",
            "lib/pods/garbage/b", "lib/images", "run/engine", "run/engine/events", "run/engine/a", "run/engine/crun",
        ]
        make(["run"] + closed, mode: 0o711)
        make(["elsewhere"], mode: 0o755)
        symlink("\(scratch.path)/elsewhere", "\(scratch.path)/lib/pods/run/link")
        scratch.write("lib/pods/run/file", "")
        chmod("\(scratch.path)/lib/pods/run/file", 0o644)
        try PrivateDirectories.close(dir: "\(scratch.path)/lib", runDir: "\(scratch.path)/run")
        for path in closed { #expect(mode(path) == 0o700, "\(path)") }
        // A group that somebody let in reaches the sockets.
        #expect(mode("run") == 0o710)
        #expect(mode("elsewhere") == 0o755 && mode("lib/pods/run/file") == 0o644)
        try PrivateDirectories.close(dir: "\(scratch.path)/lib", runDir: "\(scratch.path)/run")
        #expect(mode("run") == 0o710 && mode("lib") == 0o700)
    }

    @Test func `Directories that are not there are fine`() throws {
        try PrivateDirectories.close(dir: "\(scratch.path)/no/lib", runDir: "\(scratch.path)/no/run")
        #expect(!Scratch.exists("\(scratch.path)/no"))
    }

    @Test(arguments: [
        ("/var/lib/rktlet", true), ("/run/rktlet", true), ("/srv/pods", true), ("/run", false), ("/", false),
        ("/var/lib", false), ("/usr/lib", false), ("/tmp", false), ("/data", false), ("/var/lib/", false), ("", false),
    ])
    func `A directory that others use too is never closed`(path: String, isOwn: Bool) {
        #expect(PrivateDirectories.isOwn(path) == isOwn)
    }

    @Test func `Directories are made for root alone, those above them too`() throws {
        let store = PodStore(dir: "\(scratch.path)/new/lib", runDir: "\(scratch.path)/new/run")
        _ = try store.bootID()
        let uuid = PodUUID.random()
        _ = try store.prepare(uuid)
        for path in ["new", "new/lib", "new/lib/pods", "new/lib/pods/prepare/\(uuid)", "new/run", "new/run/engine"] {
            #expect(mode(path) == 0o700, "\(path)")
        }
    }

    @Test func `A user namespace without a root is refused: the pod's files would be nobody's`() {
        for key in ["uids", "gids"] {
            let whole = #"[{"hostID":100000,"containerID":0,"length":1}]"#
            let rootless = #"[{"hostID":100000,"containerID":1,"length":1}]"#
            let text =
                #"{"version":1,"namespaces":{"user":{"uids":"# + (key == "uids" ? rootless : whole) + #","gids":"#
                + (key == "gids" ? rootless : whole) + "}}}"
            let error = #expect(throws: EngineError.self) { try PodConfig(json: JSON(parsing: text)) }
            #expect(error?.code == .invalid && error?.message.contains("namespaces.user.\(key)") == true)
        }
    }
}
