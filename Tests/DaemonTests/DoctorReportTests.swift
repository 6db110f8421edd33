import HostFacts
import Testing

@testable import Daemon

@Suite("Doctor", .timeLimit(.minutes(10)))
struct DoctorReportTests {
    @Test("a failure makes the host unusable and shows its remedy")
    func failure() {
        let report = DoctorReport(checks: [
            HostCheck("crun", .failure, "not installed", remedy: "apt-get install crun"),
            HostCheck("systemd", .ok, "runs"),
        ])
        #expect(!report.isUsable)
        #expect(report.text.contains("FAIL  crun     not installed\n"))
        #expect(report.text.contains("→ apt-get install crun"))
        #expect(report.text.hasSuffix("1 of 2 checks failed: pods cannot run here yet\n"))
    }

    @Test("warnings leave the host usable")
    func warning() {
        let report = DoctorReport(checks: [HostCheck("cgroups", .warning, "version 1", remedy: "boot with version 2")])
        #expect(report.isUsable)
        #expect(report.text.hasSuffix("this host can run pods; 1 of 1 checks have a warning\n"))
    }

    @Test("every check says what it found, and each that is not well how to mend it")
    func complete() {
        let checks = HostChecks(
            engine: "/nowhere/gantry", dataDir: "/var/lib/rktlet", runDir: "/run/rktlet", cniConfDir: "/nowhere/net.d",
            cniBinDirs: ["/nowhere/bin"]
        ).run()
        #expect(Set(checks.map(\.name)).count == checks.count)
        for check in checks {
            #expect(!check.finding.isEmpty)
            #expect(check.verdict == .ok || !check.remedy.isEmpty, "\(check.name) has no remedy")
        }
        #expect(checks.first { $0.name == "engine" }?.verdict == .failure)
        #expect(checks.first { $0.name == "network" }?.finding.contains("/nowhere/net.d") == true)
    }

    @Test("asks for the programs of the engine in use, and for no other's")
    func programs() {
        let checks = HostChecks(
            engine: "/usr/bin/rkt", dataDir: "/", runDir: "/", cniConfDir: "/nonexistent", cniBinDirs: [])
        let (gantry, rkt) = (Set(checks.run().map(\.name)), Set(checks.run(isRkt: true).map(\.name)))
        #expect(gantry.subtracting(rkt) == ["crun", "skopeo", "policy"])
        #expect(rkt.subtracting(gantry) == ["systemd-nspawn"])
    }
}
