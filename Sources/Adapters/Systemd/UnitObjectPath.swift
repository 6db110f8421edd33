import CSystemd
import Glibc

/// The D-Bus object path of a unit, and back (systemd's bus label escaping).
enum UnitObjectPath {
    static let prefix = "/org/freedesktop/systemd1/unit"

    static func path(of unit: String) -> String? {
        var result: UnsafeMutablePointer<CChar>?
        guard sd_bus_path_encode(prefix, unit, &result) >= 0, let result else { return nil }
        defer { free(result) }
        return String(cString: result)
    }

    static func unit(at path: String) -> String? {
        var result: UnsafeMutablePointer<CChar>?
        guard sd_bus_path_decode(path, prefix, &result) > 0, let result else { return nil }
        defer { free(result) }
        return String(cString: result)
    }
}
