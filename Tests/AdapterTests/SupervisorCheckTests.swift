import Glibc
import Testing

@testable import HostFacts

@Suite("The doctor's look at the supervisors that run", .timeLimit(.minutes(10)))
struct SupervisorCheckTests {
    private let directory: TemporaryDirectory
    private let program: [UInt8]

    init() throws {
        directory = try TemporaryDirectory()
        program = try #require(Self.bytes(of: "/bin/sleep"))
    }

    private static func bytes(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    /// As dpkg does: another file gets the name.
    private func install(_ bytes: [UInt8]) throws {
        let path = directory.path + "/gantry-pod"
        let file = try #require(fopen(path + ".new", "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        chmod(path + ".new", 0o755)
        rename(path + ".new", path)
    }

    /// A process of what is installed, for as long as `body` takes.
    private func running(_ body: (UInt32) throws -> Void) throws {
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("gantry-pod"), strdup("1000"), nil]
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        #expect(posix_spawn(&process, directory.path + "/gantry-pod", nil, nil, arguments, nil) == 0)
        defer {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        try body(UInt32(process))
    }

    private func check(_ processes: [String: UInt32]) throws -> HostCheck {
        let checks = HostChecks(
            engine: directory.path + "/gantry", dataDir: "/", runDir: "/", cniConfDir: "/", cniBinDirs: [])
        return try #require(checks.supervisors(processes))
    }

    @Test("it names the pods whose supervisor is of another build, by what the programs are and not by their files")
    func builds() throws {
        try install(program)
        try running { first in
            #expect(try check(["aaa": first]).verdict == .ok)
            // Installed again.
            try install(program)
            #expect(try check(["aaa": first]).verdict == .ok)
            var other = program
            other[other.count - 1] ^= 1
            try install(other)
            try running { second in
                let found = try check(["aaa": first, "bbb": second, "gone": UInt32(Int32.max)])
                #expect(found.verdict == .warning && found.finding.hasPrefix("1 of 2 pods"), "\(found.finding)")
                #expect(found.finding.hasSuffix(": aaa") && !found.remedy.isEmpty, "\(found.finding)")
            }
            try install(program + [0])
            #expect(try check(["aaa": first]).verdict == .warning)
        }
    }

    @Test("it names no more pods than people read, and tells of none")
    func bounds() throws {
        try install(program)
        #expect(try check([:]).finding == "no pod runs")
        try running { process in
            try install(program + [0])
            let many = Dictionary(uniqueKeysWithValues: (100..<140).map { ("\($0)", process) })
            let found = try check(many)
            #expect(found.finding.hasPrefix("40 of 40 pods") && found.finding.hasSuffix(", 131 and 8 more"))
        }
    }

    @Test("an engine without a supervisor is asked for none")
    func none() {
        let checks = HostChecks(engine: "/usr/bin/rkt", dataDir: "/", runDir: "/", cniConfDir: "/", cniBinDirs: [])
        #expect(checks.supervisors(["aaa": 1]) == nil)
    }
}
