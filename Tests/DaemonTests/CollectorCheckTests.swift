import Glibc
import Testing

@testable import Daemon

@Suite("The doctor's look at gantry-gc.service", .timeLimit(.minutes(10)))
struct CollectorCheckTests {
    private func check(_ texts: [String], dataDir: String = "/var/lib/rktlet") throws -> String {
        var settings = try Settings(layers: [])
        settings.dataDir = dataDir
        var template = Array("/tmp/rktlet-gc-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        var files: [String] = []
        for (number, text) in texts.enumerated() {
            let path = "\(directory)/\(number)"
            let file = try #require(fopen(path, "w"))
            fputs(text, file)
            fclose(file)
            files.append(path)
        }
        return LiveChecks.collector(settings, unitFiles: files).verdict.rawValue
    }

    private let unit = "[Service]\nExecStart=/usr/local/bin/gantry gc\n"

    @Test("it knows the directories that hold, drop-ins included")
    func directories() throws {
        #expect(try check([unit]) == "ok")
        #expect(try check([]) == "warning")
        #expect(try check([unit], dataDir: "/data") == "warning")
        let dropIn = "[Service]\nExecStart=\nExecStart=/usr/local/bin/gantry gc --dir=/data\n"
        #expect(try check([unit, dropIn], dataDir: "/data") == "ok")
        #expect(try check([unit, dropIn]) == "warning")
    }
}
