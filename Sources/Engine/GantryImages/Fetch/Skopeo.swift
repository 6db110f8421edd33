import GantryCore
import Glibc
import JSON
import Subprocess
import SystemPackage

/// skopeo, which speaks to registries: mirrors, credentials, signature policy and certificates are as containers' own configuration says.
///
/// It is believed in nothing that a digest can prove. Its exit status says whether it worked; for what its text says see `SkopeoMessage`.
struct Skopeo: Sendable {
    private let executable: FilePath
    private let environment: [Environment.Key: String]
    private let options: FetchOptions
    private let redaction: Redaction

    init(options: FetchOptions) throws(EngineError) {
        self.options = options
        redaction = try Redaction(authFile: options.authFile)
        executable = try Self.find()
        environment = Self.builtEnvironment()
    }

    /// The manifest or index as the registry has it, byte for byte.
    func manifest(of location: String) async throws(EngineError) -> [UInt8] {
        try await answer(
            ["inspect", "--raw"] + Self.retries + flags(prefix: "") + [location],
            limit: ImageLimits.standard.manifestBytes,
            doing: "reading its manifest")
    }

    /// The image's configuration, byte for byte.
    func config(of location: String) async throws(EngineError) -> [UInt8] {
        try await answer(
            ["inspect", "--config", "--raw"] + Self.retries + flags(prefix: "") + [location],
            limit: ImageLimits.standard.configBytes,
            doing: "reading its configuration")
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

    /// Copies an image's blobs into `blobs/sha256` of the workspace; one that is there already, were it an empty file, is not
    /// downloaded. The layout that skopeo writes beside is of no interest: it may have been converted.
    /// - Parameter measure: how much has arrived.
    func copy(
        _ target: ResolvedImage, _ download: LayerDownload, platform: ImagePlatform, into workspace: OpenDirectory,
        measure: @escaping @Sendable () -> Int64, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(EngineError) {
        var arguments = ["--override-os", platform.os, "--override-arch", platform.architecture]
        if !platform.variant.isEmpty { arguments += ["--override-variant", platform.variant] }
        _ = try workspace.make("scratch", mode: 0o700)
        arguments += [
            "--tmpdir", "\(workspace.path)/scratch", "copy", "--quiet", "--dest-oci-accept-uncompressed-layers",
        ]
        arguments += Self.retries + flags(prefix: "src-") + ["--dest-shared-blob-dir", "\(workspace.path)/blobs"]
        arguments += [target.location, "oci:\(workspace.path)/layout:image"]
        // A local archive may be copied whole before anything of it is.
        let isRemote = if case .registry = target.source { true } else { false }
        let limit = isRemote ? download.limit : nil
        let watch = StallWatch(timeout: options.idleTimeout, limit: limit, measure: measure, progress: progress)
        let fileLimit = isRemote ? download.fileLimit : nil
        do throws(EngineError) {
            _ = try await watched(by: { try await watch.run() }) { [arguments] in
                try await run(arguments, limit: 64 << 10, fileLimit: fileLimit, doing: "downloading it")
            }
        } catch {
            // skopeo ends as if it had crashed when it may not write any more.
            if let fileLimit, workspace.longestFile() >= fileLimit { throw StallWatch.tooMuch(fileLimit) }
            throw error
        }
    }

    /// Of what may pass by itself; skopeo knows which errors those are, and waits a little longer each time.
    private static let retries = ["--retry-times", "2"]

    private func flags(prefix: String) -> [String] {
        var flags: [String] = []
        if !options.verifyTLS { flags.append("--\(prefix)tls-verify=false") }
        if let authFile = options.authFile { flags += ["--\(prefix)authfile", authFile] }
        return flags
    }

    private func answer(_ arguments: [String], limit: Int, doing: String) async throws(EngineError) -> [UInt8] {
        let timeout = options.idleTimeout
        return try await watched(by: {
            try await Task.sleep(for: timeout)
            throw EngineError(.deadline, "\(doing): no answer within \(timeout)")
        }) {
            try await run(arguments, limit: limit, doing: doing)
        }
    }

    /// Runs skopeo to its end. Cancelled, it is killed; and it dies with this process.
    /// - Parameter fileLimit: the most it may write into one file.
    private func run(
        _ arguments: [String], limit: Int, fileLimit: Int64? = nil, doing: String
    ) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .path(TiedChild.program),
            arguments: Arguments(TiedChild.arguments(executable, arguments, fileLimit: fileLimit)),
            environment: .custom(environment),
            workingDirectory: "/", input: .none, output: .bytes(limit: limit), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            let text = SkopeoMessage.text(in: result.standardError)
            let isRemote = arguments.contains { $0.utf8.starts(with: "docker://".utf8) }
            throw EngineError(
                SkopeoMessage.code(of: text, isRemote: isRemote), "\(doing): \(redaction.apply(to: text))")
        }
        return result.standardOutput
    }
}
