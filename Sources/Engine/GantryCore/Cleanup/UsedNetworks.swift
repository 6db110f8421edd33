import ByteText
import Glibc
import JSON

/// The networks that pods of this engine have been in and whose plugins may remove what is stale: `<dir>/networks/<name>.json`. Leases may
/// outlive the last pod's record, and then nothing else tells of the network.
struct UsedNetworks {
    struct Network {
        var name: String
        var confDir: String
        var binDirs: [String]
    }

    let dir: String

    private var directory: String { "\(dir)/networks" }
    private func path(_ name: String) -> String { "\(directory)/\(name).json" }

    /// Only of names that the specification allows.
    func note(_ network: Network) throws(EngineError) {
        guard let first = network.name.utf8.first, first.isASCIILetter || first.isASCIIDigit, !network.name.has("/")
        else {
            return
        }
        let document: JSON = [
            "name": .string(network.name), "confDir": .string(network.confDir), "binDirs": .strings(network.binDirs),
        ]
        let path = path(network.name)
        if let known = try? StoreFile.readJSON(AT_FDCWD, path, path: path), known["confDir"] == document["confDir"],
            known["binDirs"] == document["binDirs"]
        {
            return
        }
        try StoreFile.makeDirectories(directory, mode: PrivateDirectories.mode)
        let networks = try StoreFile.openDirectory(AT_FDCWD, directory, path: directory)
        defer { close(networks) }
        try StoreFile.writeJSON(networks, "\(network.name).json", document, path: path, durability: .durable)
    }

    func forget(_ name: String) { unlink(path(name)) }

    func all() -> [Network] {
        Files.entries(directory).sortedByBytes().compactMap { file in
            guard file.ends(with: ".json"),
                let document = try? StoreFile.readJSON(AT_FDCWD, "\(directory)/\(file)", path: "\(directory)/\(file)"),
                let name = document["name"]?.stringValue, let confDir = document["confDir"]?.stringValue
            else { return nil }
            let binDirs = (document["binDirs"]?.arrayValue ?? []).compactMap(\.stringValue)
            return Network(name: name, confDir: confDir, binDirs: binDirs)
        }
    }
}
