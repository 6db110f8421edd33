import ByteText
import Domain
import Logging
import RktCLI
import Streaming

/// Turns written values into valid ones; every refusal names the value, its place and what would be right.
struct SettingReader {
    let values: [SettingKey: SettingValue]

    func text(_ key: SettingKey) throws(SettingsError) -> String {
        guard let value = values[key] else { return "" }
        guard case .text(let text) = value.content else { throw refusal(key, "must be one value, not a list") }
        return text
    }

    /// Nothing said is false.
    func flag(_ key: SettingKey) throws(SettingsError) -> Bool {
        switch try text(key) {
        case "true": return true
        case "false", "": return false
        case let text: throw refusal(key, "\"\(text)\" must be true or false")
        }
    }

    func path(_ key: SettingKey) throws(SettingsError) -> String {
        let path = try text(key)
        guard Self.isCleanAbsolutePath(path) else {
            throw refusal(key, "\"\(path)\" must be an absolute path without \"..\"")
        }
        return path
    }

    /// Nil for an empty text.
    func pathIfAny(_ key: SettingKey) throws(SettingsError) -> String? {
        try text(key).isEmpty ? nil : try path(key)
    }

    func paths(_ key: SettingKey) throws(SettingsError) -> [String] {
        guard let value = values[key] else { return [] }
        let paths = texts(value)
        guard !paths.isEmpty else { throw refusal(key, "must name at least one directory") }
        for path in paths where !Self.isCleanAbsolutePath(path) {
            throw refusal(key, "\"\(path)\" must be an absolute path without \"..\"")
        }
        return paths
    }

    func unixSocket(_ key: SettingKey) throws(SettingsError) -> String {
        let text = try text(key)
        guard let path = text.without(prefix: "unix://").map(String.init) else {
            throw refusal(key, "\"\(text)\" must look like unix:///run/rktlet/rktlet.sock")
        }
        guard Self.isCleanAbsolutePath(path) else { throw refusal(key, "\"\(text)\" must name an absolute path") }
        guard path.utf8.count <= 107 else {
            throw refusal(key, "\"\(path)\" has \(path.utf8.count) bytes; a socket's path may have 107")
        }
        return path
    }

    func gateway(_ key: SettingKey) throws(SettingsError) -> GatewayAddresses {
        do throws(SettingsError) {
            return try GatewayAddresses(values[key].map(texts) ?? [])
        } catch {
            throw refusal(key, error.description)
        }
    }

    /// A list, or one text with commas.
    private func texts(_ value: SettingValue) -> [String] {
        switch value.content {
        case .list(let list): list
        case .text(let text): text.pieces(at: ",").map(String.init)
        }
    }

    func streamingConsent() throws(SettingsError) -> String {
        let consent = try text(.streamingWithoutTLS)
        guard consent.isEmpty || consent.isSame(as: StreamingAddress.consent) else {
            throw refusal(.streamingWithoutTLS, "\"\(consent)\" must be \"\(StreamingAddress.consent)\", or left out")
        }
        return consent
    }

    /// A certificate and its key, or neither.
    func streamingTLS() throws(SettingsError) -> ServerCertificates.Files? {
        let (certificate, key) = (try pathIfAny(.streamingCertFile), try pathIfAny(.streamingKeyFile))
        let clientCA = try pathIfAny(.streamingClientCAFile)
        if let certificate, let key {
            return ServerCertificates.Files(certificate: certificate, key: key, clientCA: clientCA)
        }
        if certificate != nil { throw refusal(.streamingCertFile, "no TLS without its key: set streamingKeyFile, too") }
        if key != nil { throw refusal(.streamingKeyFile, "no TLS without its certificate: set streamingCertFile, too") }
        if clientCA != nil {
            throw refusal(
                .streamingClientCAFile,
                "no certificate of a client without TLS: set streamingCertFile and streamingKeyFile")
        }
        return nil
    }

    func streamingAddress(hasTLS: Bool) throws(SettingsError) -> StreamingAddress {
        let isConsentGiven = try !streamingConsent().isEmpty
        do throws(SettingsError) {
            return try StreamingAddress(try text(.streamingAddress), beyondLoopback: hasTLS || isConsentGiven)
        } catch {
            throw refusal(.streamingAddress, error.description)
        }
    }

    func logLevel(_ key: SettingKey) throws(SettingsError) -> Logger.Level {
        let text = try text(key)
        guard let level = Logger.Level(rawValue: text) else {
            let known = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw refusal(key, "\"\(text)\" is no level; use one of \(known)")
        }
        return level
    }

    func slice(_ key: SettingKey) throws(SettingsError) -> String {
        let text = try text(key)
        let stem = text.without(suffix: ".slice") ?? ""
        let allowed = stem.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || byte == 95
                || byte == 45
        }
        guard !stem.isEmpty, allowed, !stem.begins(with: "-"), !stem.ends(with: "-"),
            !stem.has(text: "--")
        else { throw refusal(key, "\"\(text)\" must be the name of a systemd slice, such as rktlet-pods.slice") }
        return text
    }

    /// The proxy variables as registries' clients know them, without the empty ones.
    func proxy() throws(SettingsError) -> [String: String] {
        var proxy: [String: String] = [:]
        let names: [(SettingKey, String)] = [
            (.httpProxy, "HTTP_PROXY"), (.httpsProxy, "HTTPS_PROXY"), (.noProxy, "NO_PROXY"),
        ]
        for (key, name) in names {
            let value = try text(key)
            if !value.isEmpty { proxy[name] = value }
        }
        return proxy
    }

    func pinnedImages(_ key: SettingKey) throws(SettingsError) -> PinnedImages {
        do throws(DomainError) {
            return try PinnedImages(reading: (values[key].map(texts) ?? []).filter { !$0.isEmpty })
        } catch {
            throw refusal(key, error.message)
        }
    }

    /// `NAME=PATH` each.
    func runtimes(_ key: SettingKey) throws(SettingsError) -> [String: String] {
        var runtimes: [String: String] = [:]
        for text in (values[key].map(texts) ?? []) where !text.isEmpty {
            guard let (name, path) = text.cut(at: "=") else {
                throw refusal(key, "\"\(text)\" must look like NAME=PATH, such as runc=/usr/sbin/runc")
            }
            guard Self.isHandlerName(name) else {
                throw refusal(
                    key,
                    "\"\(name)\" must be the name of a handler: 63 of a to z, 0 to 9 and - at most, none at its ends a -"
                )
            }
            guard Self.isCleanAbsolutePath(String(path)) else {
                throw refusal(key, "\(name): \"\(path)\" must be an absolute path without \"..\"")
            }
            guard runtimes.updateValue(String(path), forKey: String(name)) == nil else {
                throw refusal(key, "\(name) is there twice")
            }
        }
        return runtimes
    }

    /// As Kubernetes has it for `RuntimeClass.handler` (RFC 1123).
    private static func isHandlerName(_ name: Substring) -> Bool {
        !name.isEmpty && name.utf8.count <= 63 && !name.begins(with: "-") && !name.ends(with: "-")
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }

    private func refusal(_ key: SettingKey, _ what: String) -> SettingsError {
        SettingsError("\(values[key]?.origin ?? "default"): \(key.rawValue): \(what)")
    }

    private static func isCleanAbsolutePath(_ path: String) -> Bool {
        path.begins(with: "/") && !path.utf8.contains(0) && !path.hasParentStep
    }
}
