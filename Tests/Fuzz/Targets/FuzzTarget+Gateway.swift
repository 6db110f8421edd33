import Domain
import JSON
import RequestSyntax

@testable import Gateway

extension FuzzTarget {
    /// The target of a request: path, query and the label selectors in it.
    static let targets = FuzzTarget("targets", longest: 4200) { input in
        guard let text = String(validating: input, as: UTF8.self) else { return }
        let isTarget = (try? RequestTarget.check(text)) != nil
        if isTarget {
            try promise(input.first == 0x2f, "a path that does not begin with /")
            let path = text.utf8.prefix { $0 != 0x3f }
            try promise(!path.contains { $0 < 0x20 || $0 == 0x7f }, "a control character in a path")
            let segments = path.split(separator: 0x2f).compactMap { PercentText.decode(Substring($0)) }
            try promise(!segments.contains { $0.utf8.elementsEqual("..".utf8) }, "a way up")
        }
        let query = text.utf8.firstIndex(of: 0x3f).map { String(text[text.utf8.index(after: $0)...]) }
        if let reader = try? QueryReader(query, known: ["labelSelector", "tail", "follow", "since"]) {
            _ = try? reader.flag("follow")
            if let tail = try? reader.number("tail", in: 0...1000) {
                try promise((0...1000).contains(tail), "a number out of its range")
                PlantedTrap.here(isTarget && tail > 100)
            }
            if let selector = try? reader.labels("labelSelector") { try check(selector) }
        }
        if let selector = LabelSelector(text) { try check(selector) }
    }

    private static func check(_ selector: LabelSelector) throws {
        for requirement in selector.requirements {
            var one = LabelSelector()
            switch requirement {
            case .oneOf(let key, let values), .noneOf(let key, let values):
                guard let value = values.first else { throw Finding("a set without values") }
                let text = "\(key)=\(value)"
                guard let parsed = LabelSelector(text) else { throw Finding("cannot read a requirement it made") }
                one = parsed
                try promise(one.matches([key: value.description]), "does not match what it names")
            case .there(let key): try promise(!key.isEmpty, "no key")
            case .notThere(let key): try promise(!key.isEmpty, "no key")
            }
        }
        _ = selector.matches(["a": "b"])
    }

    /// Bodies of requests, as YAML and as JSON: what a pod and a container are to be.
    static let bodies = FuzzTarget("bodies", longest: 4096) { input in
        let json: JSON
        if input.first == 0x7b {
            guard let parsed = try? JSON(parsing: input) else { return }
            json = parsed
        } else {
            guard let parsed = try? YAMLText.parse(input, limits: JSONLimits(maximumDepth: 32)) else { return }
            json = parsed
            guard let again = try? JSON(parsing: json.serialized()) else { throw Finding("YAML that JSON cannot say") }
            try promise(again == json, "YAML that JSON says otherwise")
        }
        let path = FieldPath("config")
        if let pod = try? PodSandboxConfig.read(json, runtimeHandler: "", at: path) {
            try promise(
                pod.logDirectory.isEmpty || pod.logDirectory.utf8.first == 0x2f, "a log directory that is relative")
            try promise(pod.hostname.utf8.count <= 64, "a name that the kernel does not take")
            PlantedTrap.here((30..<77).contains(pod.portMappings.first?.containerPort ?? 0))
        }
        if let container = try? ContainerConfig.read(json, at: path) {
            let steps = container.logPath.utf8.split(separator: 0x2f, omittingEmptySubsequences: false)
            try promise(container.logPath.utf8.first != 0x2f, "a log path that is absolute")
            try promise(!steps.contains { $0.elementsEqual("..".utf8) }, "a log path that leads out")
        }
    }
}
