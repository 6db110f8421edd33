import GantryCore
import Glibc
import JSON

/// skopeo, which speaks to registries: mirrors, credentials, signature policy and certificates are as containers' own configuration says.
///
/// It is believed in nothing that a digest can prove. Its exit status says whether it worked; for what its text says see `SkopeoMessage`.
struct Skopeo: Sendable {
    let options: FetchOptions
    /// The host's signature policy, the same for all that is asked here.
    let policy: SignaturePolicy
    private let executable: String
    private let environment: [String]
    private let redaction: Redaction

    init(options: FetchOptions) throws(EngineError) {
        self.options = options
        redaction = try Redaction(authFile: options.authFile)
        executable = try Self.find()
        environment = Self.builtEnvironment()
        policy = try SignaturePolicy.ofHost()
    }

    /// The manifest or index as the registry has it, byte for byte.
    func manifest(of location: String) async throws(EngineError) -> [UInt8] {
        try await answer(
            ["inspect", "--raw"] + Self.retries + flags(prefix: "") + [location],
            limit: ImageLimits.standard.manifestBytes,
            doing: "reading its manifest")
    }

    /// The names that an archive gives its only image; none where it cannot say.
    /// - Throws: `invalid` where it has more names than are taken.
    func names(in source: ImageSource) async throws(EngineError) -> [ImageReference] {
        guard case .dockerArchive(_, nil) = source,
            let bytes = try? await answer(["list-tags", source.location], limit: 1 << 20, doing: "reading its names"),
            let tags = (try? JSON(parsing: bytes))?["Tags"]?.arrayValue
        else { return [] }
        let limit = ImageLimits.standard.names
        guard tags.count <= limit else { throw .beyond(limit, "names") }
        return tags.compactMap { $0.stringValue.flatMap { try? ImageReference($0) } }
    }

    /// Of what may pass by itself; skopeo knows which errors those are, and waits a little longer each time.
    static let retries = ["--retry-times", "2"]

    func flags(prefix: String) -> [String] {
        var flags: [String] = []
        if !options.verifyTLS { flags.append("--\(prefix)tls-verify=false") }
        if let authFile = options.authFile { flags += ["--\(prefix)authfile", authFile] }
        return flags
    }

    /// Starts it; it is killed with this process.
    func start(
        _ arguments: [String], input: OpenFile, output: OpenFile, errors: OpenFile
    ) async throws(EngineError) -> TiedProcess {
        try await TiedProcess.start(
            [executable] + arguments, environment: environment, input: input.descriptor, output: output.descriptor,
            errors: errors.descriptor)
    }

    /// What its complaint means.
    func error(_ text: String, isRemote: Bool, doing: String) -> EngineError {
        EngineError(SkopeoMessage.code(of: text, isRemote: isRemote), "\(doing): \(redaction.apply(to: text))")
    }

    /// Runs skopeo to its end. Cancelled, it is killed.
    func run(_ arguments: [String], limit: Int, doing: String) async throws(EngineError) -> [UInt8] {
        let (reading, writing) = try OpenFile.pipe()
        let errors = try OpenFile.memory()
        let process = try await start(arguments, input: .null(), output: writing, errors: errors)
        // Its own end alone keeps the pipe open.
        writing.close()
        var output: [UInt8]?
        var failure: EngineError?
        do throws(EngineError) {
            output = try await Interruption.onThread(stop: { process.kill() }) { (_) throws(EngineError) in
                try reading.readAll(limit: limit)
            }
        } catch {
            failure = error
        }
        if output == nil { process.kill() }
        let succeeded = await process.wait()
        if let failure { throw failure }
        guard !Task.isCancelled else { throw EngineError(.unavailable, "was interrupted") }
        guard let output else {
            throw EngineError(.invalid, "its manifest or configuration is larger than is taken (docs/images.md)")
        }
        guard succeeded else {
            throw error(
                SkopeoMessage.text(in: errors.tail(1 << 16)),
                isRemote: arguments.contains { $0.utf8.starts(with: "docker://".utf8) }, doing: doing)
        }
        return output
    }

    private func answer(_ arguments: [String], limit: Int, doing: String) async throws(EngineError) -> [UInt8] {
        try await inTime(doing) { try await run(arguments, limit: limit, doing: doing) }
    }

    /// - Throws: `deadline` for what has no answer within the idle timeout.
    func inTime<Value: Sendable>(
        _ doing: String, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws(EngineError) -> Value {
        let timeout = options.idleTimeout
        return try await watched(
            by: {
                try await Task.sleep(for: timeout)
                throw EngineError(.deadline, "\(doing): no answer within \(timeout)")
            }, operation)
    }
}
