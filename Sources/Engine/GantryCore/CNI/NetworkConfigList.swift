import ByteText
import Glibc
import JSON

/// A CNI network: a list of plugin configurations (CNI specification 1.1, section 1).
package struct NetworkConfigList: Equatable, Sendable {
    package let name: String
    package let cniVersion: String
    package let plugins: [JSON]
    /// Whether nobody may have its plugins remove what they take for stale: others use the network, too.
    package let disableGC: Bool

    /// - Parameter json: a `.conflist`, or a single configuration (`.conf`), which is a list of one.
    package init(json: JSON, source: String) throws(EngineError) {
        guard let name = json["name"]?.stringValue, !name.isEmpty else {
            throw EngineError(.invalid, "\(source): has no \"name\"")
        }
        self.name = name
        let version = json["cniVersion"] ?? .null
        guard version == .null || version.stringValue != nil else {
            throw EngineError(.invalid, "\(source): \"cniVersion\" must be a string")
        }
        cniVersion = version.stringValue ?? "0.2.0"
        // A text as well, as other runtimes take it. What is neither is no permission.
        disableGC =
            switch json["disableGC"] {
            case nil: false
            case .bool(let value): value
            case .string("false"): false
            default: true
            }
        if let list = json["plugins"] {
            guard let plugins = list.arrayValue, !plugins.isEmpty else {
                throw EngineError(.invalid, "\(source): \"plugins\" must be a list with at least one plugin")
            }
            self.plugins = plugins
        } else {
            plugins = [json]
        }
        for (index, plugin) in plugins.enumerated() {
            // The type is the name of a program in one of the plugin directories, and never a path.
            guard let type = plugin["type"]?.stringValue, !type.isEmpty, !type.has("/"), type != ".." else {
                throw EngineError(.invalid, "\(source): plugin \(index) has no \"type\" that names a plugin")
            }
        }
    }

    package var json: JSON {
        var members: [String: JSON] = [
            "name": .string(name), "cniVersion": .string(cniVersion), "plugins": .array(plugins),
        ]
        if disableGC { members["disableGC"] = true }
        return .object(members)
    }

    /// Whether the list's version has the verb GC, and it is not ruled out.
    package var isCollected: Bool { !disableGC && Self.hasGC(cniVersion) }

    /// Versions from 1.1 on have it.
    package static func hasGC(_ version: String) -> Bool {
        let numbers = version.words(at: ".").map { Int(digits: $0) ?? 0 }
        return (numbers.first ?? 0, numbers.dropFirst().first ?? 0) >= (1, 1)
    }

    /// The network `name` of a directory; with an empty name the first, in lexical order of the files.
    ///
    /// A file that cannot be used is passed over and reported in the error when there is no other.
    package static func load(directory: String, name: String) throws(EngineError) -> NetworkConfigList {
        let files = Files.entries(directory).filter { file in
            [".conflist", ".conf", ".json"].contains { file.ends(with: $0) }
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var failures: [String] = []
        for file in files {
            do throws(EngineError) {
                let list = try read("\(directory)/\(file)")
                if name.isEmpty || list.name.isSame(as: name) { return list }
            } catch {
                failures.append(error.message)
            }
        }
        let wanted = name.isEmpty ? "no network configuration" : "no network \"\(name)\""
        let reasons = failures.isEmpty ? "" : " (\(failures.joined(separator: "; ")))"
        throw EngineError(
            .precondition,
            "\(wanted) in \(directory)\(reasons): put a .conflist file there, as /etc/cni/net.d/10-bridge.conflist")
    }

    private static func read(_ path: String) throws(EngineError) -> NetworkConfigList {
        let bytes = try Files.read(path, limit: 1 << 20)
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw EngineError(.invalid, "\(path): is not JSON: \(error)")
        }
        return try NetworkConfigList(json: json, source: path)
    }
}
