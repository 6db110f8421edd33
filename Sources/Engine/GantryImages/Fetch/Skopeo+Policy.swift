import GantryCore
import Glibc

extension Skopeo {
    /// Has skopeo hold an image against the host's signature policy, by the name it was asked for by: it copies the manifest, the
    /// configuration and the signatures, and finds each layer in its place already.
    /// - Throws: `signature-invalid` where the policy rejects the image.
    func judge(_ target: ResolvedImage, platform: ImagePlatform, in workspace: OpenDirectory) async throws(EngineError)
    {
        let path = "\(workspace.path)/policy"
        _ = try workspace.make("scratch", mode: 0o700)
        var arguments = policy.path.map { ["--policy", $0] } ?? []
        arguments += ["--override-os", platform.os, "--override-arch", platform.architecture]
        if !platform.variant.isEmpty { arguments += ["--override-variant", platform.variant] }
        arguments += ["--tmpdir", "\(workspace.path)/scratch", "copy", "--quiet"]
        arguments += Self.retries + flags(prefix: "src-") + [target.source.location, "dir:\(path)"]
        let watch = StallWatch(
            timeout: options.idleTimeout, limit: target.copyLimit, measure: { Self.measure(workspace) })
        let names = target.manifest.layers.map(\.digest.hex)
        _ = try await watched(by: { try await watch.run() }) { [arguments] in
            try await watched(by: { try await Self.keepPlaces(names, in: workspace) }) {
                try await run(arguments, limit: 64 << 10, doing: "asking the signature policy")
            }
        }
        let judged = try workspace.open("policy").read("manifest.json", limit: ImageLimits.standard.manifestBytes)
        guard let judged, SHA256.digest(of: judged) == target.manifestDigest else {
            throw EngineError(
                target.isFromList ? .unsupported : .unavailable,
                "the signature policy was asked of another image than \(target.manifestDigest), which its index means here, or which its name meant a moment ago; name the image by its digest, or try again"
            )
        }
    }

    /// skopeo empties the directory when it begins, and again with each further try, and looks for a layer long after. Where a place comes too
    /// late, a layer is copied in vain.
    private static func keepPlaces(_ names: [String], in workspace: OpenDirectory) async throws {
        while true {
            if let directory = try? workspace.openIfDirectory("policy"),
                faccessat(directory.descriptor, "version", F_OK, AT_SYMLINK_NOFOLLOW) == 0
            {
                for name in names { try? directory.touch(name) }
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    private static func measure(_ workspace: OpenDirectory) -> Int64 {
        (try? workspace.openIfDirectory("policy"))?.measure(.length).bytes ?? 0
    }
}
