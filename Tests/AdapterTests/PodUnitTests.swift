import Domain
import Testing

@testable import Systemd
@testable import SystemdRun

@Suite("The unit of a pod", .timeLimit(.minutes(10)))
struct PodUnitTests {
    private let unit = PodUnit(prefix: "rktlet-pod-")
    private let metadata = PodSandboxMetadata(name: "web (1)", uid: "u", namespace: "default", attempt: 0)

    private func listed(_ name: String, _ description: String) -> UnitSummary {
        UnitSummary(
            name: name, description: description, loadState: "loaded", activeState: "active", subState: "running")
    }

    @Test("leads back to the whole id, with a name that is short and one that an older daemon gave")
    func leadsBack() {
        let pod = Samples.podID
        #expect(unit.name(of: pod).utf8.count == "rktlet-pod-".utf8.count + 12 + ".service".utf8.count)
        #expect(unit.pod(of: listed(unit.name(of: pod), unit.description(of: pod, metadata))) == pod)
        #expect(unit.pod(of: listed(unit.olderName(of: pod), "Pod default/web")) == pod)
    }

    @Test("is none where name and description tell of different pods, or of none")
    func none() {
        let pod = Samples.podID
        let other = String(repeating: "9", count: 64)
        for (name, description) in [
            (unit.name(of: pod), "Pod default/web (\(other))"), (unit.name(of: pod), "Pod default/web"),
            (unit.name(of: pod), ""), ("rktlet-pod-gc.service", "Pod default/web (\(pod))"),
            ("rktlet.service", "Pod default/web (\(pod))"),
        ] { #expect(unit.pod(of: listed(name, description)) == nil) }
    }

    @Test("is another daemon's when its command line names other directories alone")
    func owner() throws {
        let files = try TemporaryDirectory()
        let owner = UnitOwner(files: files.path, dataDirectory: "/var/lib/rktlet")
        func isAnothers(_ text: String) throws -> Bool {
            try files.write("a.service", text)
            return owner.isAnothers("a.service")
        }
        let start = #"ExecStart="/usr/bin/gantry" "app" "sandbox" "#
        #expect(try !isAnothers(start + #""--dir=/var/lib/rktlet" "--run-dir=/run/rktlet""#))
        #expect(try isAnothers(start + #""--dir=/var/lib/rktlet2" "--run-dir=/run/rktlet""#))
        #expect(try isAnothers(start + #""--dir=/srv" "--run-dir=/var/lib/rktlet""#))
        #expect(try !isAnothers(start + #""--run-dir=/run/other""#))
        #expect(!owner.isAnothers("none.service"))
        try files.write("a.service", start + "--dir=/srv")
        #expect(!UnitOwner(files: files.path, dataDirectory: "").isAnothers("a.service"))
    }
}
