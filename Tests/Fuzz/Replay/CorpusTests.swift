import Glibc
import Testing

/// Every input that the fuzzer found worth keeping, and every one that has broken something, goes through its target again.
@Suite("The corpora of the fuzzer", .timeLimit(.minutes(10)))
struct CorpusTests {
    @Test("break no promise", arguments: FuzzTarget.all)
    func replay(_ target: FuzzTarget) throws {
        let files = try Corpus.files(of: target)
        #expect(!files.isEmpty, "no inputs in \(Corpus.folder)/\(target.name)")
        for file in files {
            do { try target.run(try Corpus.read(file)) } catch { Issue.record("\(file): \(error)") }
        }
    }

    @Test("belong each to a target")
    func folders() throws {
        #expect(try Corpus.names(in: Corpus.folder) == FuzzTarget.all.map(\.name).sorted())
    }
}

private enum Corpus {
    static let folder = "\(#filePath)".replacing("/Replay/CorpusTests.swift", with: "/Corpus")

    static func files(of target: FuzzTarget) throws -> [String] {
        try names(in: "\(folder)/\(target.name)").map { "\(folder)/\(target.name)/\($0)" }
    }

    static func names(in folder: String) throws -> [String] {
        let directory = try #require(opendir(folder), "no folder \(folder)")
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { start in
                start.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "cannot open \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return bytes
    }
}
