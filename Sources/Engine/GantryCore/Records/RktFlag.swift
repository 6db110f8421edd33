import ByteText

/// The values of rkt's flags.
enum RktFlag {
    /// `NAME=VALUE`.
    static func pair(_ text: String, _ flag: String) throws(EngineError) -> (String, String) {
        guard let (name, value) = text.cut(at: "="), !name.isEmpty else {
            throw EngineError(.invalid, "\(flag): \"\(text)\" is not NAME=VALUE")
        }
        return (String(name), String(value))
    }

    static func merge(_ texts: [String], _ flag: String, into map: inout [String: String]) throws(EngineError) {
        for text in texts {
            let (name, value) = try pair(text, flag)
            if map[name] != nil, map[exactly: name] == nil {
                throw EngineError(
                    .invalid, "\(flag): \"\(name)\" differs from another name in nothing but how Unicode composes it")
            }
            map[name] = value
        }
    }

    static func absolute(_ text: String, _ flag: String) throws(EngineError) -> String {
        guard text.begins(with: "/") else {
            throw EngineError(.invalid, "\(flag): \"\(text)\" is not an absolute path")
        }
        return text
    }

    static func capabilities(_ text: String, _ flag: String) throws(EngineError) -> [CapabilityName] {
        var names: [CapabilityName] = []
        for name in text.words(at: ",") {
            do {
                names.append(try CapabilityName(parsing: String(name)))
            } catch {
                throw error.prefixed(flag)
            }
        }
        return names
    }

    /// rkt's named sets; lists of single calls belong in a profile file.
    static func seccomp(_ text: String) throws(EngineError) -> AppConfig.ProfileType {
        var mode = ""
        var sets: [Substring] = []
        for part in text.words(at: ",") {
            if let value = part.without(prefix: "mode=") {
                mode = String(value)
            } else if !part.begins(with: "errno=") {
                sets.append(part)
            }
        }
        switch (mode, sets) {
        case ("retain", ["@docker/default-whitelist"]), ("retain", ["@rkt/default-whitelist"]),
            ("remove", ["@docker/default-blacklist"]), ("remove", ["@rkt/default-blacklist"]):
            return .runtimeDefault
        case ("retain", ["@appc.io/all"]), ("remove", ["@appc.io/empty"]), ("remove", []):
            return .unconfined
        default:
            throw EngineError(
                .unsupported,
                "--seccomp: \"\(text)\" is not one of the sets known here; put calls into a profile and name it in --config"
            )
        }
    }

    /// `name=N,kind=host|empty,source=S,target=T,readOnly=B`.
    static func mount(_ text: String) throws(EngineError) -> AppMount {
        var fields: [String: String] = [:]
        for part in text.words(at: ",") {
            let (name, value) = try pair(String(part), "--mnt-volume")
            guard ["name", "kind", "source", "target", "readOnly", "recursive"].contains(name) else {
                throw EngineError(.invalid, "--mnt-volume: unknown field \"\(name)\"")
            }
            fields[name] = value
        }
        let target = try absolute(fields["target"] ?? "", "--mnt-volume target")
        guard target.utf8.contains(where: { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ".") }) else {
            throw EngineError(.invalid, "--mnt-volume: target \"\(target)\" would hide the whole root file system")
        }
        var mount = AppMount(containerPath: target, hostPath: "", readonly: fields["readOnly"] == "true")
        switch fields["kind"] {
        case "host": mount.hostPath = try absolute(fields["source"] ?? "", "--mnt-volume source")
        case "empty": mount.empty = true
        default: throw EngineError(.invalid, "--mnt-volume: kind must be host or empty")
        }
        return mount
    }

    /// A quantity as Kubernetes writes them (`500m`, `1.5`, `64M`, `1Gi`), times `scale`, rounded down.
    static func quantity(_ text: String, _ flag: String, times scale: Int64) throws(EngineError) -> Int64 {
        let (number, suffix) = text.leading { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
        guard let factor = factors[text: suffix], let value = Double(number), value.isFinite, value > 0 else {
            throw EngineError(.invalid, "\(flag): \"\(text)\" is not a quantity above zero")
        }
        if let whole = Int64(digits: number), let factor = Int64(exactly: factor) {
            // Without a detour over doubles, which round above 2^53.
            let (scaled, isTooLarge) = whole.multipliedReportingOverflow(by: factor)
            let (product, isOver) = scaled.multipliedReportingOverflow(by: scale)
            guard !isTooLarge, !isOver else { throw EngineError(.invalid, "\(flag): \"\(text)\" is too large") }
            return product
        }
        let product = value * factor * Double(scale)
        guard product < 9e18 else { throw EngineError(.invalid, "\(flag): \"\(text)\" is too large") }
        // Rounded down to zero it would be no limit at all.
        guard product >= 1 else { throw EngineError(.invalid, "\(flag): \"\(text)\" is too small") }
        return Int64(product.rounded(.down))
    }

    private static let factors: [ByteString: Double] = [
        "": 1, "m": 0.001, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776,
    ]
}
