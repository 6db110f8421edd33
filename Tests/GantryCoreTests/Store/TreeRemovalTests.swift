import Glibc
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct TreeRemovalTests {
    let scratch = Scratch()

    @Test func `Removal follows no symbolic link`() throws {
        mkdir("\(scratch.path)/outside", 0o755)
        scratch.write("outside/precious", "x")
        mkdir("\(scratch.path)/tree", 0o755)
        symlink("\(scratch.path)/outside", "\(scratch.path)/tree/link")
        symlink("..", "\(scratch.path)/tree/up")
        link("\(scratch.path)/outside/precious", "\(scratch.path)/tree/hard")
        try scratch.remove("tree")
        #expect(!Scratch.exists("\(scratch.path)/tree"))
        #expect(Scratch.text("\(scratch.path)/outside/precious") == "x")
    }

    @Test func `A top that is itself a symbolic link loses the link alone`() throws {
        mkdir("\(scratch.path)/outside", 0o755)
        symlink("\(scratch.path)/outside", "\(scratch.path)/tree")
        try scratch.remove("tree")
        #expect(!Scratch.exists("\(scratch.path)/tree"))
        #expect(Scratch.exists("\(scratch.path)/outside"))
    }

    @Test func `Depth costs neither stack nor descriptors, and names are bytes`() throws {
        mkdir("\(scratch.path)/tree", 0o755)
        var directory = open("\(scratch.path)/tree", O_RDONLY | O_DIRECTORY)
        let odd: [CChar] = [CChar(truncatingIfNeeded: 0xff), 0x0a, CChar(truncatingIfNeeded: 0xfe), 0]
        for _ in 0..<3000 {
            mkdirat(directory, odd, 0o755)
            let next = openDirectory(directory, odd)
            close(directory)
            directory = next
        }
        close(directory)
        try scratch.remove("tree")
        #expect(!Scratch.exists("\(scratch.path)/tree"))
    }

    @Test func `Many entries, fifos and sockets go, and what is not there is fine`() throws {
        mkdir("\(scratch.path)/tree", 0o755)
        for index in 0..<3000 { scratch.write("tree/\(index)", "") }
        mkfifo("\(scratch.path)/tree/fifo", 0o600)
        try scratch.remove("tree")
        #expect(!Scratch.exists("\(scratch.path)/tree"))
        try scratch.remove("tree")
    }

    @Test(arguments: ["", "/", "..", ".", "a/b", "/tmp"])
    func `Only an entry of the directory itself can be removed`(name: String) {
        #expect(throws: EngineError.self) { try scratch.remove(name) }
    }

    private func openDirectory(_ parent: Int32, _ name: [CChar]) -> Int32 {
        name.withUnsafeBufferPointer { bytes in
            // A path through the descriptor: the variadic openat(2) is out of Swift's reach.
            let path = Array("/proc/self/fd/\(parent)/".utf8CString.dropLast()) + Array(bytes)
            return open(path, O_RDONLY | O_DIRECTORY)
        }
    }
}
