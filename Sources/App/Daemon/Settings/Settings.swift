import Domain
import Logging
import RktCLI
import Streaming

/// What `rktlet serve` runs with: every value parsed and valid.
package struct Settings: Equatable, Sendable {
    /// The CRI socket's path, from `unix:///run/rktlet/rktlet.sock`.
    package var socketPath: String
    /// The engine's executable: absolute.
    package var engine: String
    package var dataDir: String
    package var runDir: String
    package var cniConfDir: String
    package var cniBinDirs: [String]
    /// Where exec, attach and port-forward are served.
    package var streamingAddress: StreamingAddress
    /// ``StreamingAddress/consent``, or nothing.
    package var streamingWithoutTLS: String
    /// Nil where there is none.
    package var streamingTLS: ServerCertificates.Files?
    package var logLevel: Logger.Level
    /// For pods whose cgroup parent is empty.
    package var podSlice: String
    /// Where the JSON gateway listens.
    package var gateway: GatewayAddresses
    /// The token of the gateway on TCP.
    package var gatewayTokenFile: String
    /// The token that opens the gateway's metrics on TCP, and nothing else. Unless said otherwise, `metrics.token` beside the other.
    package var metricsTokenFile: String
    /// Reach the program that talks to registries, and nothing else.
    package var proxy: [String: String]
    /// The kubelet does not collect them.
    package var pinnedImages: PinnedImages
    /// What pods are granted where the engine is the archived rkt.
    package var rkt = RktGrants()
    /// Absolute paths of OCI runtimes by the names of runtime handlers.
    package var runtimes: [String: String]

    /// Precedence: flag, environment, file, default.
    ///
    /// - Parameter layers: later ones win.
    /// - Throws: ``SettingsError`` naming the value and where it was written.
    package init(layers: [[SettingKey: SettingValue]]) throws(SettingsError) {
        var values = Self.defaults
        for layer in layers { values.merge(layer) { _, new in new } }
        let reader = SettingReader(values: values)
        socketPath = try reader.unixSocket(.listen)
        engine = try reader.path(.engine)
        dataDir = try reader.path(.dataDir)
        runDir = try reader.path(.runDir)
        cniConfDir = try reader.path(.cniConfDir)
        cniBinDirs = try reader.paths(.cniBinDirs)
        streamingWithoutTLS = try reader.streamingConsent()
        streamingTLS = try reader.streamingTLS()
        streamingAddress = try reader.streamingAddress(hasTLS: streamingTLS != nil)
        logLevel = try reader.logLevel(.logLevel)
        podSlice = try reader.slice(.podSlice)
        gateway = try reader.gateway(.gateway)
        gatewayTokenFile = try reader.path(.gatewayTokenFile)
        metricsTokenFile = try reader.pathIfAny(.metricsTokenFile) ?? Self.beside(gatewayTokenFile, "metrics.token")
        proxy = try reader.proxy()
        pinnedImages = try reader.pinnedImages(.pinnedImages)
        runtimes = try reader.runtimes(.runtimes)
        rkt.sharedPIDNamespace = try reader.flag(.rktSharedPIDNamespace)
        rkt.execAsRoot = try reader.flag(.rktExecAsRoot)
    }

    /// Another file in the directory of a file.
    private static func beside(_ path: String, _ name: String) -> String {
        let directory = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[...$0] } ?? "/"
        return directory + name
    }

    /// What holds where nothing is said.
    package static let defaults: [SettingKey: SettingValue] = [
        .listen: .init(.text("unix:///run/rktlet/rktlet.sock"), origin: "default"),
        .engine: .init(.text("/usr/local/bin/gantry"), origin: "default"),
        .dataDir: .init(.text("/var/lib/rktlet"), origin: "default"),
        .runDir: .init(.text("/run/rktlet"), origin: "default"),
        .cniConfDir: .init(.text("/etc/cni/net.d"), origin: "default"),
        .cniBinDirs: .init(.list(["/opt/cni/bin", "/usr/lib/cni"]), origin: "default"),
        .streamingAddress: .init(.text("127.0.0.1:0"), origin: "default"),
        .streamingWithoutTLS: .init(.text(""), origin: "default"),
        .streamingCertFile: .init(.text(""), origin: "default"),
        .streamingKeyFile: .init(.text(""), origin: "default"),
        .streamingClientCAFile: .init(.text(""), origin: "default"),
        .logLevel: .init(.text("info"), origin: "default"),
        .podSlice: .init(.text("rktlet-pods.slice"), origin: "default"),
        .gateway: .init(.text(GatewayAddresses.usualSocket.description), origin: "default"),
        .gatewayTokenFile: .init(.text("/var/lib/rktlet/gateway.token"), origin: "default"),
        .metricsTokenFile: .init(.text(""), origin: "default"),
        .httpProxy: .init(.text(""), origin: "default"),
        .httpsProxy: .init(.text(""), origin: "default"),
        .noProxy: .init(.text(""), origin: "default"),
        .pinnedImages: .init(.list([]), origin: "default"),
        .runtimes: .init(.list([]), origin: "default"),
    ]
}
