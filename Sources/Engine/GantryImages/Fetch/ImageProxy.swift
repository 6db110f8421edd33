import CArchive
import GantryCore
import Glibc
import JSON
import Synchronization

/// skopeo's image proxy: one process that brings any number of manifests and blobs of a repository, each as the registry has it. Its protocol
/// is versioned (0.2: `skopeo experimental-image-proxy`, since 1.5). **It knows no signature policy**; `Skopeo.judge` asks for that.
///
/// One call at a time: whoever has the proxy calls it from one task.
final class ImageProxy: Sendable {
    let skopeo: Skopeo
    let location: String
    let process: TiedProcess
    private let socket: OpenFile
    private let errors: OpenFile
    /// The number that the proxy gave the image; nil: it was not answered yet.
    private let image = Mutex<Int64?>(nil)

    var isRemote: Bool { location.utf8.starts(with: "docker://".utf8) }

    private init(_ skopeo: Skopeo, _ location: String, _ process: TiedProcess, _ socket: OpenFile, _ errors: OpenFile) {
        self.skopeo = skopeo
        self.location = location
        self.process = process
        self.socket = socket
        self.errors = errors
    }

    deinit { process.kill() }

    /// Starts it, and has it ask for the image; the answer is waited for by whoever needs it.
    /// - Parameter scratch: where it may write what it cannot do without writing.
    static func start(
        _ skopeo: Skopeo, _ location: String, scratch: String
    ) async throws(EngineError) -> ImageProxy {
        let (own, its) = try OpenFile.packetSockets()
        let errors = try OpenFile.memory()
        let null = try OpenFile.null()
        let arguments = ["--tmpdir", scratch, "experimental-image-proxy", "--sockfd", "0"] + skopeo.flags(prefix: "")
        let process = try await skopeo.start(arguments, input: its, output: null, errors: errors)
        its.close()
        let proxy = ImageProxy(skopeo, location, process, own, errors)
        // They wait in the socket until it reads them.
        try? proxy.send("Initialize", [])
        try? proxy.send("OpenImage", [.string(location)])
        return proxy
    }

    /// Ends it, and waits for that.
    func end() async {
        process.kill()
        _ = await process.wait()
    }

    /// Does something with the open image on a thread of its own; cancelled, the proxy is killed.
    func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (Int64, Interruption) throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        try await Interruption.onThread(stop: { [process] in process.kill() }) {
            (interruption) throws(EngineError) in
            try body(try self.opened(interruption), interruption)
        }
    }

    private func opened(_ interruption: Interruption) throws(EngineError) -> Int64 {
        if let number = image.withLock({ $0 }) { return number }
        try checkVersion(receive("starting it"))
        var reply = try receive("asking for it")
        for pause in Self.pauses where reply.isTemporary {
            try Self.pause(pause, interruption)
            reply = try call("OpenImage", [.string(location)], doing: "asking for it")
        }
        guard let number = try reply.success().value?.int64Value else { throw strange("a number for the image") }
        image.withLock { $0 = number }
        return number
    }

    /// Seconds before what failed is tried again; as skopeo's own `--retry-times 2`.
    static let pauses = [1, 2]

    static func pause(_ seconds: Int, _ interruption: Interruption) throws(EngineError) {
        for _ in 0..<(seconds * 20) {
            try interruption.check()
            usleep(50_000)
        }
    }

    private func checkVersion(_ reply: Reply) throws(EngineError) {
        let version = try reply.success().value?.stringValue ?? ""
        guard version.utf8.starts(with: "0.2.".utf8) else {
            throw EngineError(
                .precondition, "skopeo's image proxy speaks version \(version.prefix(50)) of its protocol, not 0.2")
        }
    }
}

extension ImageProxy {
    /// What it answers.
    struct Reply {
        let value: JSON?
        /// Names the pipe in `FinishPipe`.
        let pipe: Int64
        let content: OpenFile?
        let failure: EngineError?

        /// Whether it may pass by itself.
        var isTemporary: Bool { failure?.code == .unavailable }

        func success() throws(EngineError) -> Reply {
            if let failure { throw failure }
            return self
        }
    }

    /// - Throws: for a proxy that is gone; what it could not do is in the reply.
    func call(_ method: String, _ arguments: [JSON], doing: String) throws(EngineError) -> Reply {
        try send(method, arguments)
        return try receive(doing)
    }

    private func send(_ method: String, _ arguments: [JSON]) throws(EngineError) {
        let bytes = Array(JSON.object(["method": .string(method), "args": .array(arguments)]).serialized().utf8)
        guard Glibc.send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        else { throw gone() }
    }

    private func receive(_ doing: String) throws(EngineError) -> Reply {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var descriptor: Int32 = -1
        let count = gantry_archive_receive(socket.descriptor, &buffer, buffer.count, &descriptor)
        let content = descriptor >= 0 ? OpenFile(descriptor) : nil
        guard count > 0 else { throw gone() }
        guard let json = try? JSON(parsing: Array(buffer[..<count])), let success = json["success"]?.boolValue else {
            throw strange("a reply")
        }
        let text = json["error"]?.stringValue ?? ""
        return Reply(
            value: json["value"], pipe: json["pipeid"]?.int64Value ?? 0, content: content,
            failure: success
                ? nil : skopeo.error(SkopeoMessage.shortened(text), isRemote: isRemote, doing: doing))
    }

    private func gone() -> EngineError {
        let text = SkopeoMessage.text(in: errors.tail(1 << 16))
        return EngineError(
            .internal, "skopeo's image proxy ended: \(skopeo.error(text, isRemote: false, doing: "running it").message)"
        )
    }

    private func strange(_ what: String) -> EngineError {
        EngineError(.internal, "skopeo's image proxy answered something else than \(what)")
    }
}
