import Domain
import Glibc
import Testing

@testable import RktCLI

@Suite("Drop-ins beside rkt's units", .timeLimit(.minutes(5)))
struct RktUnitsTests {
    private static let units =
        "data/pods/run/\(PlainRktShapes.uuid)/stage1/rootfs/usr/lib/systemd/system"

    private func pod() throws -> FakeEngine {
        let fake = try FakeEngine.rktPod(app: "created")
        PrivateFile.makeDirectories("\(fake.directory.path)/\(Self.units)")
        return fake
    }

    @Test(
        "the streams of a container have names of their own, and small pipes, before rkt has its units read; they go with it"
    )
    func streams() async throws {
        let fake = try pod()
        let id = Samples.containerID
        let service = "\(Self.units)/\(id).service.d/10-rktlet.conf"
        try fake.write("app-add.run", "cp \"$here/\(service)\" \"$here/seen\"")
        _ = try await fake.engine().addContainer(Samples.newContainer(Samples.plainContainer))
        #expect(fake.directory.text("seen") == "[Service]\nStandardOutput=fd:stdout\nStandardError=fd:stderr\n")
        for stream in ["stdout", "stderr"] {
            #expect(
                fake.directory.text("\(Self.units)/\(id)-\(stream).socket.d/10-rktlet.conf")
                    == "[Socket]\nPipeSize=4096\n")
        }
        try await fake.engine().removeContainer(id, of: Samples.podID)
        #expect(fake.directory.names(Self.units).isEmpty)
    }

    @Test("no_new_privs is the unit's, and refused by name where no unit can have it")
    func noNewPrivileges() async throws {
        var config = Samples.plainContainer
        config.security.noNewPrivileges = true
        let fake = try pod()
        _ = try await fake.engine().addContainer(Samples.newContainer(config))
        let text = fake.directory.text("\(Self.units)/\(Samples.containerID).service.d/10-rktlet.conf")
        #expect(text?.contains("NoNewPrivileges=yes\n") == true)

        let blind = try FakeEngine.rktPod(app: "created")
        let error = await #expect(throws: DomainError.self) {
            try await blind.engine().addContainer(Samples.newContainer(config))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("no_new_privs") == true)
        #expect(blind.calls("app-add").isEmpty)
    }

    @Test("a failed add leaves none of them, and a link in their way is not followed")
    func hostile() async throws {
        let fake = try pod()
        try fake.answer("app-add", error: "add: error adding app to pod: exit status 254", code: 254)
        await #expect(throws: DomainError.self) {
            try await fake.engine().addContainer(Samples.newContainer(Samples.plainContainer))
        }
        #expect(fake.directory.names(Self.units).isEmpty)

        fake.directory.makeDirectory("elsewhere")
        let path = fake.directory.path
        try #require(rmdir("\(path)/\(Self.units)") == 0)
        try #require(symlink("\(path)/elsewhere", "\(path)/\(Self.units)") == 0)
        try fake.answer("app-add")
        _ = try await fake.engine().addContainer(Samples.newContainer(Samples.plainContainer))
        #expect(fake.directory.names("elsewhere").isEmpty)

        unlink("\(path)/\(Self.units)")
        try #require(mkdir("\(path)/\(Self.units)", 0o755) == 0)
        try #require(
            symlink("\(path)/elsewhere", "\(path)/\(Self.units)/\(Samples.containerID).service.d") == 0)
        _ = try await fake.engine().addContainer(Samples.newContainer(Samples.plainContainer))
        #expect(fake.directory.names("elsewhere").isEmpty)
    }
}
