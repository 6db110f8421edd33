import ByteText
import JSON

/// The network configuration that pods get: the first usable one of the directory in lexical order, as the engine takes it.
package struct CNIConfiguration: Hashable, Sendable {
    package var file: String
    package var name: String
    /// The plugins' types in the order of their calls, then those of address management.
    package var plugins: [String]

    package enum Problem: Error, Hashable, CustomStringConvertible {
        case noDirectory(String)
        case none(directory: String)
        case invalid(file: String, why: String)
        case pluginMissing(file: String, plugin: String, searched: [String])

        /// For the `NetworkReady` condition.
        package var reason: String {
            switch self {
            case .noDirectory, .none: "NetworkNotConfigured"
            case .invalid: "NetworkConfigurationInvalid"
            case .pluginMissing: "NetworkPluginMissing"
            }
        }

        package var description: String {
            switch self {
            case .noDirectory(let path):
                "there is no directory \(path): make it, and put the network's configuration there"
            case .none(let path):
                "no network configuration (*.conflist, *.conf, *.json) in \(path): install a network, or put a .conflist there"
            case .invalid(let file, let why): "\(file) is no CNI configuration: \(why)"
            case .pluginMissing(let file, let plugin, let searched):
                "\(file) needs the CNI plugin \"\(plugin)\", which is in none of \(searched.joined(separator: ", "))"
            }
        }
    }

    /// Reads the configuration and sees that its plugins are installed.
    package static func load(directory: String, binDirs: [String]) throws(Problem) -> CNIConfiguration {
        guard let names = HostFiles.names(in: directory) else { throw .noDirectory(directory) }
        let endings = [".conflist", ".conf", ".json"]
        let files = names.filter { name in endings.contains { name.ends(with: $0) } }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        // A file that cannot be used is passed over; it is the problem where there is no other.
        var problem = Problem.none(directory: directory)
        var first: CNIConfiguration?
        for file in files where first == nil {
            do throws(Problem) {
                first = try CNIConfiguration(file: "\(directory)/\(file)")
            } catch {
                if case .none = problem { problem = error }
            }
        }
        guard let configuration = first else { throw problem }
        for plugin in configuration.plugins
        where !binDirs.contains(where: { HostFiles.isExecutable("\($0)/\(plugin)") }) {
            throw .pluginMissing(file: configuration.file, plugin: plugin, searched: binDirs)
        }
        return configuration
    }

    private init(file: String) throws(Problem) {
        guard let text = HostFiles.text(of: file, limit: 1 << 20) else {
            throw .invalid(file: file, why: "it cannot be read")
        }
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: text) } catch { throw .invalid(file: file, why: "\(error)") }
        guard let name = json["name"]?.stringValue, !name.isEmpty else {
            throw .invalid(file: file, why: "it has no \"name\"")
        }
        let entries = json["plugins"].map { $0.arrayValue ?? [] } ?? [json]
        guard !entries.isEmpty else { throw .invalid(file: file, why: "it lists no plugins") }
        var types: [String] = []
        for entry in entries {
            guard let type = entry["type"]?.stringValue, Self.isFileName(type) else {
                throw .invalid(file: file, why: "a plugin of it has no \"type\" that is a program's name")
            }
            types.append(type)
        }
        // Address management is a plugin of its own.
        let addresses = entries.compactMap { $0["ipam"]?["type"]?.stringValue }.filter(Self.isFileName)
        self.file = file
        self.name = name
        plugins = types + addresses
    }

    private static func isFileName(_ text: String) -> Bool {
        !text.isEmpty && !text.has("/") && text != "." && text != ".."
    }
}
