import ByteText
import GantryCore
import Glibc
import JSON

/// The host's signature policy (containers-policy.json(5)).
///
/// It is skopeo that holds images against it. Only what cannot be misread is read here: whether the policy takes anything from anywhere, so
/// that nothing has to be asked. Every other policy, and every file that is not quite of that form, is skopeo's to judge.
struct SignaturePolicy: Equatable, Sendable {
    /// What skopeo is told to read; nil where there is none: it says itself what that means.
    let path: String?
    /// Whether it takes every image, wherever it comes from.
    let takesAnything: Bool

    private static let systemPath = "/etc/containers/policy.json"
    private static let largest = 1 << 20

    /// The file that skopeo would read by itself: the user's own if there is one, else the host's.
    static func ofHost() throws(EngineError) -> SignaturePolicy {
        let home = getenv("HOME").map { String(cString: $0) } ?? ""
        let own = "\(home.isEmpty ? homeOfUser() : home)/.config/containers/policy.json"
        for path in [own, systemPath] {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            return SignaturePolicy(path: path, takesAnything: takesAnything(read(path)))
        }
        return SignaturePolicy(path: nil, takesAnything: false)
    }

    /// nil for a file that is no such thing; skopeo will say so.
    private static func read(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        return try? OpenFile(file).readAll(limit: largest)
    }

    /// Whether a policy has one rule alone, which takes anything: as its default, and for whole transports.
    static func takesAnything(_ bytes: [UInt8]?) -> Bool {
        // A key twice, or anything behind the value, is refused by this reader as it is by skopeo.
        guard let bytes, let policy = (try? JSON(parsing: bytes))?.objectValue,
            Set(policy.keys).isSubset(of: ["default", "transports"]), isAcceptance(policy["default"])
        else { return false }
        guard let transports = policy["transports"] else { return true }
        guard let scopes = transports.objectValue else { return false }
        return scopes.values.allSatisfy { scope in
            // The name of any other scope would have to be understood.
            guard let rules = scope.objectValue else { return false }
            return rules.allSatisfy { $0.key.isEmpty && isAcceptance($0.value) }
        }
    }

    private static func isAcceptance(_ rules: JSON?) -> Bool {
        rules == [["type": "insecureAcceptAnything"]]
    }

    /// As /etc/passwd has it, which for root every host has.
    private static func homeOfUser() -> String {
        let user = "\(geteuid())"
        let lines = String(decoding: read("/etc/passwd") ?? [], as: UTF8.self)
        for line in lines.words(at: "\n") {
            let fields = line.pieces(at: ":")
            if fields.count >= 6, fields[2].isSame(as: user) { return String(fields[5]) }
        }
        return "/root"
    }
}
