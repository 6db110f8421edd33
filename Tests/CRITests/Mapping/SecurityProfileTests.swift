import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct SecurityProfileTests {
    private let path = FieldPath("s")

    @Test func `no seccomp profile means unconfined`() throws {
        #expect(try SecurityProfile.seccomp(nil, deprecated: "", at: path) == .unconfined)
    }

    @Test(arguments: [
        ("runtime/default", SecurityProfile.runtimeDefault), ("docker/default", .runtimeDefault),
        ("unconfined", .unconfined), ("localhost//etc/p.json", .localhost("/etc/p.json")),
    ])
    func `the deprecated seccomp path is understood`(_ value: String, _ profile: SecurityProfile) throws {
        #expect(try SecurityProfile.seccomp(nil, deprecated: value, at: path) == profile)
    }

    @Test func `the seccomp field wins over the deprecated path`() throws {
        let wire = Runtime_V1_SecurityProfile.with { $0.profileType = .unconfined }
        #expect(try SecurityProfile.seccomp(wire, deprecated: "runtime/default", at: path) == .unconfined)
    }

    @Test func `a localhost profile may carry its old prefix`() throws {
        let wire = Runtime_V1_SecurityProfile.with {
            $0.profileType = .localhost
            $0.localhostRef = "localhost/my-profile"
        }
        #expect(try SecurityProfile.appArmor(wire, deprecated: "", at: path) == .localhost("my-profile"))
    }

    @Test func `no AppArmor profile means the host's default`() throws {
        #expect(try SecurityProfile.appArmor(nil, deprecated: "", at: path) == nil)
        #expect(try SecurityProfile.appArmor(nil, deprecated: "runtime/default", at: path) == .runtimeDefault)
    }
}
