import Domain
import JSON

/// A pod as rkt lists it. Its times are in seconds; empty lists are `null`.
struct RktPod {
    struct ListedApp {
        let name: String
        let listed: JSON
    }

    let uuid: EngineUUID
    private(set) var sandbox: PodSandbox
    let apps: [ListedApp]
    /// It runs, as rkt says, and takes no apps yet.
    var isBooting = false {
        didSet { if isBooting != oldValue { sandbox.state = isBooting ? .creating : .ready } }
    }

    /// Nil for a pod that the daemon did not make.
    init?(_ json: JSON, unitPrefix: String) throws {
        let fields = try JSONFields(json, path: "pod")
        guard let text = try fields.stringMap("user_annotations")[PodAnnotation.key] else { return nil }
        let annotation = try PodAnnotation(text: try RktAnnotation.decode(text))
        guard let uuid = EngineUUID(try fields.string("name")) else {
            throw CodecError(path: "pod.name", expected: "a UUID")
        }
        self.uuid = uuid
        let ips = try fields.objects("networks") { (nested) throws(CodecError) in try nested.string("ip") }
        let state = Self.state(try fields.string("state"))
        sandbox = PodSandbox(
            id: annotation.id, config: annotation.config, state: state, createdAt: annotation.createdAt,
            ips: annotation.config.namespaces.network == .node ? [] : ips.filter { !$0.isEmpty },
            networkAttached: state == .ready && annotation.config.namespaces.network == .pod,
            unit: annotation.id.unitName(prefix: unitPrefix),
            sharesPIDNamespace: annotation.config.namespaces.pid == .container)
        apps = try fields.objects("apps") { (nested) throws(CodecError) in try nested.string("name") }.enumerated()
            .map { ListedApp(name: $0.element, listed: json["apps"]?[$0.offset] ?? .null) }
    }

    /// embryo, preparing, aborted prepare, prepared, running, deleting, exited deleting, exited, exited garbage, garbage.
    private static func state(_ word: String) -> PodSandboxState {
        switch word {
        case "embryo", "preparing", "prepared": .creating
        case "running": .ready
        default: .notReady
        }
    }
}

/// Annotations are arguments of rkt, whose own syntax has commas and equal signs: they travel as base64.
enum RktAnnotation {
    /// An argument of execve(2) has 128 KiB at most.
    static let longest = 120 << 10

    static func encode(_ text: String, of object: String) throws(DomainError) -> String {
        let encoded = JSONBytes.encode(Array(text.utf8))
        guard encoded.utf8.count <= longest else {
            throw DomainError(.invalidArgument, "\(object): its request is too large for rkt's command line")
        }
        return encoded
    }

    static func decode(_ text: String) throws(CodecError) -> String {
        guard let bytes = JSONBytes.decode(text) else { throw CodecError(path: "user_annotations", expected: "base64") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
