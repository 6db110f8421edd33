import ByteText
import JSON

/// Turns seccomp profiles into the `linux.seccomp` of the OCI runtime specification.
///
/// Profiles come in two shapes: the specification's own, which passes as it is, and that of Docker, containers-common and
/// Kubernetes, whose rules are conditional on capabilities, architecture and kernel and whose architectures are a map.
struct SeccompProfile {
    var capabilities: CapabilitySets
    var facts: HostFacts

    /// `path` is for messages.
    func convert(_ profile: JSON, path: String) throws(EngineError) -> JSON {
        guard let members = profile.objectValue, members["defaultAction"]?.stringValue != nil else {
            throw EngineError(.invalid, "seccomp profile \(path): has no defaultAction")
        }
        var result: [String: JSON] = [:]
        for key in ["defaultAction", "defaultErrnoRet", "flags", "listenerPath", "listenerMetadata"] {
            if let value = members[key], value != .null { result[key] = value }
        }
        if let list = architectures(members) { result["architectures"] = list }
        // One that is not read would be a profile without its rules.
        for key in ["syscalls", "architectures", "archMap", "flags"] {
            guard let value = members[key], value != .null, value.arrayValue == nil else { continue }
            throw EngineError(.invalid, "seccomp profile \(path): \"\(key)\" must be a list")
        }
        var rules: [JSON] = []
        for rule in members["syscalls"]?.arrayValue ?? [] where applies(rule) {
            rules.append(try convertRule(rule, path: path))
        }
        result["syscalls"] = .array(rules)
        return .object(result)
    }

    private func architectures(_ profile: [String: JSON]) -> JSON? {
        if let list = profile["architectures"], list.arrayValue != nil { return list }
        guard let name = Self.seccompNames[facts.architecture] else { return nil }
        for entry in profile["archMap"]?.arrayValue ?? [] where entry["architecture"]?.stringValue == name {
            return .array([.string(name)] + (entry["subArchitectures"]?.arrayValue ?? []))
        }
        return nil
    }

    private func applies(_ rule: JSON) -> Bool {
        if let include = rule["includes"], include.objectValue?.isEmpty == false, !matchesAll(include) { return false }
        if let exclude = rule["excludes"], exclude.objectValue?.isEmpty == false, matchesAny(exclude) { return false }
        return true
    }

    /// Every kind of condition holds; of architectures one is enough.
    private func matchesAll(_ filter: JSON) -> Bool {
        let caps = names(filter, "caps")
        let arches = names(filter, "arches")
        return caps.allSatisfy(capabilities.contains) && (arches.isEmpty || arches.contains(facts.architecture))
            && kernelReaches(filter)
    }

    private func matchesAny(_ filter: JSON) -> Bool {
        names(filter, "caps").contains(where: capabilities.contains)
            || names(filter, "arches").contains(facts.architecture)
            || (filter["minKernel"]?.stringValue != nil && kernelReaches(filter))
    }

    private func names(_ filter: JSON, _ key: String) -> [String] {
        (filter[key]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private func kernelReaches(_ filter: JSON) -> Bool {
        guard let text = filter["minKernel"]?.stringValue else { return true }
        let wanted = text.words(at: ".").compactMap { Int(digits: $0) }
        let major = wanted.first ?? 0
        let minor = wanted.dropFirst().first ?? 0
        return (facts.kernelMajor, facts.kernelMinor) >= (major, minor)
    }

    private func convertRule(_ rule: JSON, path: String) throws(EngineError) -> JSON {
        var names = rule["names"]?.arrayValue ?? []
        if let name = rule["name"], name.stringValue?.isEmpty == false { names.append(name) }
        guard !names.isEmpty, names.allSatisfy({ $0.stringValue != nil }), rule["action"]?.stringValue != nil else {
            throw EngineError(.invalid, "seccomp profile \(path): a rule without names or action")
        }
        var result: [String: JSON] = ["names": .array(names), "action": rule["action"] ?? .null]
        if let number = rule["errnoRet"], number != .null { result["errnoRet"] = number }
        if let args = rule["args"]?.arrayValue, !args.isEmpty { result["args"] = .array(args) }
        return .object(result)
    }

    private static let seccompNames = [
        "amd64": "SCMP_ARCH_X86_64", "arm64": "SCMP_ARCH_AARCH64", "s390x": "SCMP_ARCH_S390X",
        "ppc64le": "SCMP_ARCH_PPC64LE", "riscv64": "SCMP_ARCH_RISCV64",
    ]
}
