import ByteText
import SystemPackage

#if canImport(Glibc)
import Glibc
#endif

/// Finds and reads the layers of the configuration, weakest first.
package enum SettingsSources {
    static let configVariable = "RKTLET_CONFIG"
    package static let defaultFile = "/etc/rktlet/rktlet.yaml"

    /// - Parameters:
    ///   - file: `--config`; nil means `RKTLET_CONFIG`, and without it ``defaultFile`` where that exists. A named file must exist.
    ///   - flags: what was given on the command line.
    ///   - refusingUnknown: whether `RKTLET_*` variables that are no setting are refused, as the daemon does. Commands run in people's
    ///     environments, where such a variable is somebody else's.
    package static func load(
        file: String?, environment: [String: String], flags: [SettingKey: SettingValue], refusingUnknown: Bool = true
    ) throws(SettingsError) -> Settings {
        var layers: [[SettingKey: SettingValue]] = []
        let file = file ?? environment[configVariable]
        if let text = try read(file ?? defaultFile, mustExist: file != nil) {
            layers.append(try SettingsFile.parse(text, name: file ?? defaultFile))
        }
        for dropIn in try dropIns(of: file ?? defaultFile) {
            guard let text = try read(dropIn, mustExist: true) else { continue }
            layers.append(try SettingsFile.parse(text, name: dropIn))
        }
        layers.append(try fromEnvironment(environment, refusingUnknown: refusingUnknown))
        layers.append(flags)
        return try Settings(layers: layers)
    }

    /// The `RKTLET_*` variables, each of which names a setting.
    ///
    /// - Throws: ``SettingsError`` naming one that does not: a misspelt setting would go unnoticed.
    package static func fromEnvironment(
        _ environment: [String: String], refusingUnknown: Bool = true
    ) throws(SettingsError) -> [SettingKey: SettingValue] {
        let known = Set(SettingKey.allCases.map(\.environmentName) + [configVariable])
        for name in environment.keys.sorted()
        where refusingUnknown && name.begins(with: "RKTLET_") && !known.contains(name) {
            throw SettingsError(
                "\(name): unknown variable; known variables: \(known.sorted().joined(separator: ", "))")
        }
        var values: [SettingKey: SettingValue] = [:]
        for key in SettingKey.allCases {
            guard let text = environment[key.environmentName] else { continue }
            values[key] = SettingValue(.text(text), origin: key.environmentName)
        }
        return values
    }

    /// `/etc/rktlet/rktlet.yaml` → every `*.yaml` of `/etc/rktlet/rktlet.yaml.d`, in the order of their names.
    static func dropIns(of file: String) throws(SettingsError) -> [String] {
        let directory = file + ".d"
        guard let stream = opendir(directory) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw SettingsError("\(directory): \(Errno(rawValue: errno))")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.ends(with: ".yaml"), !name.begins(with: ".") { names.append(name) }
        }
        return names.sorted().map { directory + "/" + $0 }
    }

    private static func read(_ path: String, mustExist: Bool) throws(SettingsError) -> String? {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            return try descriptor.closeAfter {
                var bytes: [UInt8] = []
                let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
                defer { chunk.deallocate() }
                while true {
                    let count = try descriptor.read(into: chunk)
                    if count == 0 { break }
                    bytes.append(contentsOf: chunk[..<count])
                    if bytes.count > 1 << 20 { throw Errno.fileTooLarge }
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        } catch {
            if !mustExist, error as? Errno == .noSuchFileOrDirectory { return nil }
            throw SettingsError("\(path): \(error)")
        }
    }
}
