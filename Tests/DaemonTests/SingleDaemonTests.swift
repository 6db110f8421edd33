import Glibc
import Testing

@testable import Daemon

@Suite("One daemon per host", .timeLimit(.minutes(10)))
struct SingleDaemonTests {
    private func directory() throws -> String {
        var template = Array("/tmp/rktlet-single-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template))
        return String(cString: path)
    }

    @Test("a second one on the same directory is refused, naming the lock")
    func sameDirectory() throws {
        let path = try directory()
        _ = try SingleDaemon(dataDir: path + "/data", units: "\(path)-a")
        let error = #expect(throws: StartError.self) { try SingleDaemon(dataDir: path + "/data", units: "\(path)-b") }
        #expect(error?.description.contains("\(path)/data/rktlet.lock") == true)
    }

    @Test("a second one with the same units is refused, whatever its directory")
    func sameUnits() throws {
        let path = try directory()
        _ = try SingleDaemon(dataDir: path + "/a", units: path)
        let error = #expect(throws: StartError.self) { try SingleDaemon(dataDir: path + "/b", units: path) }
        #expect(error?.description.contains("another rktlet") == true)
    }

    @Test("a socket that nobody listens on does not answer")
    func probe() throws {
        #expect(!SingleDaemon.answers(on: try directory() + "/none.sock"))
    }
}
