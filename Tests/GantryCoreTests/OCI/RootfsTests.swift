import Glibc
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct RootfsTests {
    let scratch = Scratch()

    private func open(_ path: String) -> Int32 { Glibc.open(path, O_RDONLY | O_DIRECTORY) }

    @Test func `passwd is read inside the root file system, whatever links say`() throws {
        mkdir("\(scratch.path)/root", 0o755)
        mkdir("\(scratch.path)/root/real", 0o755)
        scratch.write("root/real/passwd", "inside:x:77:77::/in:\n")
        symlink("/real", "\(scratch.path)/root/etc")
        let root = open("\(scratch.path)/root")
        defer { close(root) }
        #expect(try RootfsUsers.read(rootfs: root).account(named: "inside")?.uid == 77)
        unlink("\(scratch.path)/root/real/passwd")
        symlink("../../../../../../../../etc/passwd", "\(scratch.path)/root/real/passwd")
        #expect(try RootfsUsers.read(rootfs: root).account(named: "root") == nil)
        unlink("\(scratch.path)/root/real/passwd")
        mkfifo("\(scratch.path)/root/real/passwd", 0o644)
        #expect(try RootfsUsers.read(rootfs: root) == RootfsUsers(passwd: "", group: ""))
    }

    /// The first has a driver, the second none: opening it fails.
    @Test(arguments: [(mode: S_IFCHR, device: 1 << 8 | 3), (S_IFCHR, 10 << 8 | 77), (S_IFBLK, 60 << 8)])
    func `A device in the place of passwd or group is no file, and is not opened`(mode: mode_t, device: dev_t) throws {
        mkdir("\(scratch.path)/root", 0o755)
        mkdir("\(scratch.path)/root/etc", 0o755)
        for name in ["passwd", "group"] {
            try #require(mknod("\(scratch.path)/root/etc/\(name)", mode | 0o666, device) == 0)
        }
        let root = open("\(scratch.path)/root")
        defer { close(root) }
        #expect(try RootfsUsers.read(rootfs: root) == RootfsUsers(passwd: "", group: ""))
    }

    @Test func `Directories are made inside the root file system, whatever links say`() throws {
        mkdir("\(scratch.path)/root", 0o755)
        symlink(scratch.path, "\(scratch.path)/root/out")
        symlink("..", "\(scratch.path)/root/up")
        let root = open("\(scratch.path)/root")
        defer { close(root) }
        try RootfsDirectories.make("/a/b/../c", in: root)
        #expect(Scratch.exists("\(scratch.path)/root/a/b/c"))
        try RootfsDirectories.make("/up/x", in: root)
        #expect(Scratch.exists("\(scratch.path)/root/x"))
        #expect(throws: EngineError.self) { try RootfsDirectories.make("/out/y", in: root) }
        #expect(!Scratch.exists("\(scratch.path)/y"))
    }

    @Test func `A directory below a link that leads nowhere is told as that`() throws {
        mkdir("\(scratch.path)/root", 0o755)
        symlink("/no/such/place", "\(scratch.path)/root/srv")
        symlink("loop", "\(scratch.path)/root/loop")
        let root = open("\(scratch.path)/root")
        defer { close(root) }
        for path in ["/srv", "/srv/www", "/loop/x"] {
            let error = #expect(throws: EngineError.self) { try RootfsDirectories.make(path, in: root) }
            #expect(error?.code == .invalid)
            #expect(error?.message.contains("symbolic link that leads nowhere") == true)
        }
    }

    @Test func `This host's facts are there`() throws {
        let facts = try HostFacts.read()
        #expect(facts.boundingCapabilities != 0)
        #expect(facts.kernelMajor >= 5)
        #expect(facts.hardLimits["RLIMIT_NOFILE"] ?? 0 >= 1024 && facts.hardLimits["RLIMIT_MEMLOCK"] != nil)
        #expect(facts.lowestOOMScoreAdj <= 1000)
        #expect(
            try LocalHost().device("/dev/null") == LocalHost().devices(below: "/dev").first { $0.path == "/dev/null" })
        #expect(try LocalHost().device("/dev/null")?.minor == 3)
        #expect(try LocalHost().resolve("/proc/self/none") == nil)
    }

    @Test(arguments: [(2048, "2MB"), (1_048_576, "1GB"), (64, "64KB")])
    func `Huge pages are named as the kernel names them`(kilobytes: Int64, name: String) {
        #expect(HostFacts.pageSizeName(kilobytes) == name)
    }
}
