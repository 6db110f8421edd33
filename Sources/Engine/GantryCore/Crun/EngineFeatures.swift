import ByteText
import Glibc

/// What this engine can do on this host, in the words of `gantry version`.
package enum EngineFeatures {
    private static let always = [
        "abandon", "config-stdin", "events", "exec-capture", "image-usage", "pod-cleanup", "stop-timeout",
    ]

    package static func names() -> [String] {
        let release = (try? Files.readText("/proc/sys/kernel/osrelease")) ?? ""
        return names(release: release, crun: installedCrun(), hasUserNamespaces: Files.exists("/proc/self/ns/user"))
    }

    /// - Parameters:
    ///   - release: of the kernel.
    ///   - crun: what `crun --version` prints; empty: not installed.
    static func names(release: String, crun: String, hasUserNamespaces: Bool) -> [String] {
        let kernel = numbers(release)
        let runtime = numbers(
            crun.words(at: "\n").first { $0.begins(with: "crun version ") }.map(String.init) ?? "")
        var names = always
        // Layers of an overlay that show other ids (Linux 5.19).
        if hasUserNamespaces, kernel >= (5, 19), runtime >= (1, 0) { names.append("user-namespaces") }
        // mount_setattr(2) (Linux 5.12) and the option rro (crun 1.4).
        if kernel >= (5, 12), runtime >= (1, 4) { names.append("recursive-read-only") }
        return names.sorted()
    }

    private static func numbers(_ text: String) -> (Int, Int) {
        let numbers = text.digitRuns.prefix(2).map { Int(digits: $0) ?? 0 }
        return (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
    }

    private static func installedCrun() -> String {
        guard let crun = try? Crun.find(root: "/"),
            let outcome = try? Command(ProcessRequest(crun.executable, ["crun", "--version"])).run()
        else { return "" }
        return String(decoding: outcome.output, as: UTF8.self)
    }
}
