import ArgumentParser
import Daemon

/// The settings as flags; each is also a key of the configuration file and a `RKTLET_*` variable.
struct SettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Configuration file (YAML).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("The CRI socket (default unix:///run/rktlet/rktlet.sock).", valueName: "unix://path"))
    var listen: String?

    @Option(help: ArgumentHelp("The pod engine's program (default /usr/local/bin/gantry).", valueName: "path"))
    var engine: String?

    @Option(help: ArgumentHelp("State that survives a reboot (default /var/lib/rktlet).", valueName: "dir"))
    var dataDir: String?

    @Option(help: ArgumentHelp("State that does not (default /run/rktlet).", valueName: "dir"))
    var runDir: String?

    @Option(help: ArgumentHelp("CNI configurations (default /etc/cni/net.d).", valueName: "dir"))
    var cniConfDir: String?

    @Option(help: ArgumentHelp("CNI plugins (default /opt/cni/bin,/usr/lib/cni).", valueName: "dir[,dir]"))
    var cniBinDir: String?

    @Option(
        help: ArgumentHelp(
            "Where exec, attach and port-forward are served (default 127.0.0.1:0).",
            valueName: "host:port"))
    var streamingAddress: String?

    @Option(
        name: .customLong("streaming-without-tls"),
        help: ArgumentHelp(
            "Lets them be served elsewhere than on loopback; the text is \"\(StreamingAddress.consent)\".",
            valueName: "text"))
    var streamingWithoutTLS: String?

    @Option(
        help: ArgumentHelp(
            "Have them served by TLS: the server's certificate, PEM (default none).", valueName: "file"))
    var streamingCertFile: String?

    @Option(help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file"))
    var streamingKeyFile: String?

    @Option(
        name: .customLong("streaming-client-ca-file"),
        help: ArgumentHelp(
            "Whose certificates clients must show, PEM (default: they show none).", valueName: "file"))
    var streamingClientCAFile: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (default info).", valueName: "level"))
    var logLevel: String?

    @Option(
        help: ArgumentHelp(
            "The slice of pods without a cgroup parent (default rktlet-pods.slice).", valueName: "slice"))
    var podSlice: String?

    @Option(
        help: ArgumentHelp(
            "Where the JSON gateway listens: a Unix socket, and TCP beside it (default unix:///run/rktlet/gateway.sock).",
            valueName: "unix://path,tcp://127.0.0.1:port|none"))
    var gateway: String?

    @Option(
        help: ArgumentHelp(
            "The token of the gateway on TCP; made when it is absent (default /var/lib/rktlet/gateway.token).",
            valueName: "file"))
    var gatewayTokenFile: String?

    @Option(
        help: ArgumentHelp(
            "The token for /metrics alone, on TCP; made when it is absent (default metrics.token beside the other).",
            valueName: "file"))
    var metricsTokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Images that the kubelet does not collect, by name or pattern (default none).", valueName: "image[,image]"))
    var pinnedImage: String?

    @Option(
        help: ArgumentHelp(
            "OCI runtimes that pods may ask for by the name of their handler (default none but the engine's own).",
            valueName: "name=path[,name=path]"))
    var runtime: String?

    @Option(
        name: .customLong("rkt-shared-pid-namespace"),
        help: ArgumentHelp(
            "With the archived rkt: a pod that asks for a PID namespace per container gets one for all (default false).",
            valueName: "true|false"))
    var rktSharedPIDNamespace: String?

    @Option(
        help: ArgumentHelp(
            "With the archived rkt: exec is allowed, though commands run as root whatever the container is (default false).",
            valueName: "true|false"))
    var rktExecAsRoot: String?

    /// Flag, environment, file, default. A refusal goes to stderr and ends the program with EX_CONFIG (78).
    func load(refusingUnknown: Bool = true) throws -> Settings {
        do {
            return try SettingsSources.load(
                file: config, environment: Environment.current(), flags: flags, refusingUnknown: refusingUnknown)
        } catch {
            StandardError.write("\(error)")
            throw ExitCode(78)
        }
    }

    var flags: [SettingKey: SettingValue] {
        let given: [(SettingKey, String?)] = [
            (.listen, listen), (.engine, engine), (.dataDir, dataDir), (.runDir, runDir), (.cniConfDir, cniConfDir),
            (.cniBinDirs, cniBinDir), (.streamingAddress, streamingAddress),
            (.streamingWithoutTLS, streamingWithoutTLS), (.streamingCertFile, streamingCertFile),
            (.streamingKeyFile, streamingKeyFile), (.streamingClientCAFile, streamingClientCAFile),
            (.logLevel, logLevel),
            (.podSlice, podSlice), (.gateway, gateway), (.gatewayTokenFile, gatewayTokenFile),
            (.metricsTokenFile, metricsTokenFile), (.pinnedImages, pinnedImage), (.runtimes, runtime),
            (.rktSharedPIDNamespace, rktSharedPIDNamespace), (.rktExecAsRoot, rktExecAsRoot),
        ]
        var flags: [SettingKey: SettingValue] = [:]
        for case (let key, let text?) in given { flags[key] = SettingValue(.text(text), origin: key.flag) }
        return flags
    }
}
