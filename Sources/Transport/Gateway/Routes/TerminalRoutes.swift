import ByteText
import Glibc
import HTTPTypes
import Hummingbird
import NIOPosix

/// The modules of xterm.js, from where Debian's node-xterm has them: the page's terminal.
struct TerminalRoutes {
    private static let usualDirectory = "/usr/share/nodejs/xterm/lib"
    private static let largest = 1 << 20

    private let directory: String

    init(directory: String = usualDirectory) { self.directory = directory }

    func add(to table: inout RouteTable) {
        table.get("/xterm/{file}") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            return try await file(try context.pathParameter("file"))
        }
    }

    /// - Parameter name: `public/Terminal.js`.
    private func file(_ name: String) async throws -> Response {
        guard let type = Self.type(of: name) else { throw Self.noSuchFile(name) }
        let path = directory + "/" + name
        guard let bytes = try await NIOThreadPool.singleton.runIfActive({ Self.read(path) }) else {
            throw isInstalled ? Self.noSuchFile(name) : Self.notInstalled
        }
        return Response(
            status: .ok, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Nil for what is no script and no style, and for what could lead out of the directory.
    static func type(of name: String) -> String? {
        let steps = name.pieces(at: "/", maxPieces: 8)
        guard let last = steps.last, steps.count < 8, steps.allSatisfy(isPlain) else { return nil }
        if last.ends(with: ".js") { return "text/javascript; charset=utf-8" }
        return last.ends(with: ".css") ? "text/css; charset=utf-8" : nil
    }

    private static func isPlain(_ step: Substring) -> Bool {
        !step.isEmpty && !step.begins(with: ".")
            && step.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    private var isInstalled: Bool { access(directory, F_OK) == 0 }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= largest else {
            return nil
        }
        var (bytes, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
        while bytes.count <= largest {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return nil
    }

    private static func noSuchFile(_ name: String) -> Problem {
        Problem(.notFound, code: "noSuchFile", "xterm.js has no script or style \(name.quotedForMessage)")
    }

    private static var notInstalled: Problem {
        Problem(
            .notFound, code: "noTerminal",
            "the page's terminal is xterm.js, which is not installed on this node: apt install node-xterm")
    }
}
