import GantryCore
import Glibc
import JSON
import Subprocess
import SystemPackage

/// skopeo, which speaks to registries: mirrors, credentials, signature policy and certificates are as containers' own configuration says.
///
/// It is believed in nothing that a digest can prove. Its exit status says whether it worked; its text is passed on, never understood.
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
            ["inspect", "--raw"] + flags(prefix: "") + [location], limit: 4 << 20, doing: "reading its manifest")
    }

    /// The image's configuration, byte for byte.
    func config(of location: String) async throws(EngineError) -> [UInt8] {
        try await answer(
            ["inspect", "--config", "--raw"] + flags(prefix: "") + [location], limit: 8 << 20,
            doing: "reading its configuration")
    }

    /// Whether the repository can be read and does not have the tag; false whenever that is not certain.
    func isMissing(_ reference: ImageReference) async -> Bool {
        guard case .tag(let tag) = reference.version else { return false }
        let arguments = ["list-tags"] + flags(prefix: "") + ["docker://\(reference.repository)"]
        guard let answer = try? await answer(arguments, limit: 16 << 20, doing: "listing tags"),
            let tags = (try? JSON(parsing: answer))?["Tags"]?.arrayValue
        else { return false }
        return !tags.contains(.string(tag))
    }

    /// Copies an image's blobs into `blobs/sha256` of the workspace; one that is there already, were it an empty file, is not
    /// downloaded. The layout that skopeo writes beside is of no interest: it may have been converted.
    func copy(
        _ location: String, platform: ImagePlatform, into workspace: OpenDirectory,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(EngineError) {
        var arguments = ["--override-os", platform.os, "--override-arch", platform.architecture]
        if !platform.variant.isEmpty { arguments += ["--override-variant", platform.variant] }
        arguments += ["--tmpdir", workspace.path, "copy", "--quiet", "--dest-oci-accept-uncompressed-layers"]
        arguments += flags(prefix: "src-") + ["--dest-shared-blob-dir", "\(workspace.path)/blobs"]
        arguments += [location, "oci:\(workspace.path)/layout:image"]
        let path = workspace.path
        let timeout = options.idleTimeout
        _ = try await watched(by: {
            try await StallWatch(path: path, timeout: timeout, progress: progress).run()
        }) { [arguments] in
            try await run(arguments, limit: 64 << 10, doing: "downloading it")
        }
    }

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

    /// Runs skopeo to its end. Cancelled, it is killed.
    private func run(_ arguments: [String], limit: Int, doing: String) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .path(executable), arguments: Arguments(arguments), environment: .custom(environment),
            workingDirectory: "/", input: .none, output: .bytes(limit: limit), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            // skopeo's exit status is 1 for whatever a registry answers: what is certain is that the image is not to be had now.
            let isRemote = arguments.contains { $0.hasPrefix("docker://") }
            throw EngineError(
                isRemote ? .unavailable : .invalid,
                "\(doing): \(redaction.apply(to: SkopeoMessage.text(in: result.standardError)))")
        }
        return result.standardOutput
    }
}
