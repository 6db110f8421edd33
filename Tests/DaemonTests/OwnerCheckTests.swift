import Glibc
import HostFacts
import Testing

@testable import Daemon

@Suite("The doctor's look at whose the data directory is", .timeLimit(.minutes(10)))
struct OwnerCheckTests {
    private func check(_ text: String?, engine: String?) throws -> HostCheck {
        var template = Array("/tmp/rktlet-owner-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        defer { for path in ["\(directory)/engine", directory] { remove(path) } }
        if let text {
            let file = try #require(fopen("\(directory)/engine", "w"))
            fputs(text, file)
            fclose(file)
        }
        var settings = try Settings(layers: [])
        settings.dataDir = directory
        return LiveChecks.owner(settings, engine: engine)
    }

    @Test("another engine's and one that cannot be told fail, with the way out; nobody's and one's own do not")
    func owner() throws {
        #expect(try check(nil, engine: "gantry").verdict == .ok)
        #expect(try check("gantry\n", engine: "gantry").verdict == .ok)
        #expect(try check("rkt\r\n", engine: "rkt").verdict == .ok)
        #expect(try check("rkt\n", engine: nil).verdict == .ok)
        let others = try check("rkt\n", engine: "gantry")
        #expect(others.verdict == .failure && others.finding.contains("engine rkt's"))
        #expect(others.remedy.contains("dataDir"))
        let odd = try check("\u{7}", engine: "gantry")
        #expect(odd.verdict == .failure && odd.finding.contains("\\x07") && !odd.remedy.isEmpty)
    }
}
