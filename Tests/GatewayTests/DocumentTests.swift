import Glibc
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct DocumentTests {
    private static func text(_ path: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try #require(fopen("/" + root + "/" + path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `the binary holds the documents as they are in the tree (scripts slash embed)`() throws {
        #expect(Documents.openAPI == (try Self.text("openapi/rktlet.yaml")))
        #expect(Documents.page == (try Self.text("Sources/Transport/Gateway/Page/index.html")))
    }

    @Test func `the page asks nobody but this daemon`() {
        for foreign in ["http://", "https://", "//cdn", "@import", "<script src", "<img"] {
            #expect(!Documents.page.contains(foreign), "\(foreign)")
        }
    }
}
