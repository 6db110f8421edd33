import ByteText
import Domain
import Glibc
import HostFacts
import JSON
import SmallFiles

/// The network of the daemon's own configuration for rkt's pods.
///
/// rkt reads networks and their plugins below a directory of configuration, `/etc/rkt` unless told otherwise, and one plugin a network: pods would
/// get rkt's own network, whatever `cniConfDir` says. So each pod's start is given a directory that has the daemon's network in it, under
/// the name that rkt looks for, and the plugins that it needs.
struct RktNetwork: Equatable {
    /// rkt maps ports itself.
    private static let needless = ["portmap"]
    /// The name that rkt knows a pod's only network by.
    static let name = "default"

    /// The network's configuration as rkt reads it.
    let configuration: String
    /// The paths of its plugins, by their names.
    let plugins: [String: String]

    /// - Throws: `failedPrecondition`, saying what is wrong with the node's network for rkt and what to write where.
    init(_ settings: EngineSettings.Changeable) throws(DomainError) {
        let directory = settings.cniConfigurationDirectory
        let found: CNIConfiguration
        do throws(CNIConfiguration.Problem) {
            found = try CNIConfiguration.load(directory: directory, binDirs: settings.cniBinaryDirectories)
        } catch {
            throw DomainError(.failedPrecondition, error.description)
        }
        guard let json = SmallFile.text(of: found.file, followingLinks: true).flatMap({ try? JSON(parsing: $0) }) else {
            throw DomainError(.failedPrecondition, "\(found.file) cannot be read any more")
        }
        let chain = json["plugins"].map { $0.arrayValue ?? [] } ?? [json]
        let others = chain.dropFirst().compactMap { $0["type"]?.stringValue }.filter { !Self.needless.has($0) }
        guard others.isEmpty, var first = chain.first?.objectValue else {
            throw DomainError(
                .failedPrecondition,
                "network \"\(found.name)\" of \(found.file) has the plugins \(others.joined(separator: ", ")) behind its first: rkt runs one plugin "
                    + "a network; put one with a single plugin (and portmap at most) before it in \(directory)"
            )
        }
        first["name"] = .string(Self.name)
        // Its results are in the form that rkt reads only when none is asked for.
        first["cniVersion"] = nil
        configuration = JSON.object(first).serialized()
        let types = [first["type"], first["ipam"]?["type"]].compactMap { $0?.stringValue }
        plugins = types.reduce(into: [:]) { plugins, type in
            plugins[type] = settings.cniBinaryDirectories.map { "\($0)/\(type)" }.first(where: FilePresence.exists)
        }
    }

    /// Makes the directory of configuration, anew for each pod: it may have changed.
    ///
    /// - Throws: why it cannot be written.
    func write(to directory: String) throws(DomainError) {
        let networks = "\(directory)/net.d"
        PrivateFile.makeDirectories(networks)
        for (name, path) in plugins {
            let fresh = "\(networks)/.\(RandomName.make())"
            guard symlink(path, fresh) == 0, rename(fresh, "\(networks)/\(name)") == 0 else {
                let cause = String(cString: strerror(errno))
                unlink(fresh)
                throw DomainError(.internal, "making \(networks)/\(name): \(cause)")
            }
        }
        try RktStateDirectory(path: networks).write([configuration], to: "10-\(Self.name).conf")
    }
}
