import ByteText
import GantryCore
import Glibc

extension Skopeo {
    /// What of the caller's environment a child may see: proxies, certificates, the places of containers' configuration.
    private static let passedOn = [
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR", "HOME", "XDG_RUNTIME_DIR", "CONTAINERS_REGISTRIES_CONF", "CONTAINERS_REGISTRIES_CONF_DIR",
        "CONTAINERS_CONF",
    ]

    private static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// `NAME=value` each.
    static func builtEnvironment() -> [String] {
        var environment = ["PATH=\(searchPath)", "LANG=C.UTF-8"]
        for name in passedOn {
            if let value = getenv(name) { environment.append("\(name)=\(String(cString: value))") }
        }
        return environment
    }

    /// `$GANTRY_SKOPEO`, else the first on the system's own path.
    static func find() throws(EngineError) -> String {
        if let value = getenv("GANTRY_SKOPEO") {
            let path = String(cString: value)
            guard path.begins(with: "/"), access(path, X_OK) == 0 else {
                throw EngineError(.precondition, "GANTRY_SKOPEO=\(path): must be the absolute path of a program")
            }
            return path
        }
        for directory in searchPath.words(at: ":") {
            let path = "\(directory)/skopeo"
            if access(path, X_OK) == 0 { return path }
        }
        throw EngineError(.precondition, "skopeo is not installed; on Debian: apt install skopeo")
    }
}
