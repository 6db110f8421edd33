import ByteText
import Glibc

/// Which modules the running kernel has, could load, or lacks.
struct KernelModules {
    enum Presence: Hashable {
        /// Loaded, or part of the kernel.
        case there
        /// Among the modules of this kernel: whoever needs it first has it loaded, or `modprobe` does.
        case loadable
        case absent
    }

    /// Below which the host's files are; tests have their own.
    let root: String
    let release: String

    init(root: String = "", release: String? = nil) {
        self.root = root
        self.release = release ?? Self.runningRelease()
    }

    /// - Parameter name: as `lsmod` prints it.
    func presence(of name: StaticString) -> Presence {
        let name = "\(name)"
        // modules.builtin(5) and modules.dep(5): a path each line, the latter with a colon and what it needs behind it.
        if HostFiles.isDirectory("\(root)/sys/module/\(name)") || list("modules.builtin", has: name) { return .there }
        return list("modules.dep", has: name) ? .loadable : .absent
    }

    private func list(_ file: String, has name: String) -> Bool {
        guard let text = HostFiles.text(of: "\(root)/lib/modules/\(release)/\(file)", limit: 8 << 20) else {
            return false
        }
        return text.lines.contains { line in
            line.upTo(":").lastPathComponent.cut(at: ".").map {
                $0.after.begins(with: "ko") && $0.before.isSame(as: name)
            } ?? false
        }
    }

    private static func runningRelease() -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "" }
        return withUnsafeBytes(of: names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
