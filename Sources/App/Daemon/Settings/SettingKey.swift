import ByteText

/// The settings of the daemon, by their name in the configuration file (the kubelet's style: camelCase).
///
/// One list for all three sources, so that a key that exists in one exists in the others: `cniConfDir` in the file, `--cni-conf-dir` as
/// a flag, `RKTLET_CNI_CONF_DIR` in the environment. Proxies are no flags: they may hold credentials, and everybody reads arguments.
package enum SettingKey: String, CaseIterable, Sendable {
    case listen, engine, dataDir, runDir, cniConfDir, cniBinDirs, logLevel, podSlice
    case streamingAddress, streamingWithoutTLS, streamingCertFile, streamingKeyFile, streamingClientCAFile
    case gateway, gatewayTokenFile, metricsTokenFile
    case httpProxy, httpsProxy, noProxy
    case pinnedImages, runtimes
    case rktSharedPIDNamespace, rktExecAsRoot

    /// `--cni-conf-dir` and the like. Lists have the singular that people type.
    package var flag: String {
        switch self {
        case .cniBinDirs: "--cni-bin-dir"
        case .pinnedImages: "--pinned-image"
        case .runtimes: "--runtime"
        case .streamingWithoutTLS: "--streaming-without-tls"
        case .streamingClientCAFile: "--streaming-client-ca-file"
        case .rktSharedPIDNamespace: "--rkt-shared-pid-namespace"
        default: "--" + words.joined(separator: "-")
        }
    }

    package var environmentName: String {
        switch self {
        case .streamingWithoutTLS: "RKTLET_STREAMING_WITHOUT_TLS"
        case .streamingClientCAFile: "RKTLET_STREAMING_CLIENT_CA_FILE"
        case .rktSharedPIDNamespace: "RKTLET_RKT_SHARED_PID_NAMESPACE"
        default: "RKTLET_" + words.joined(separator: "_").uppercasedASCII
        }
    }

    /// `cniConfDir` → `cni`, `conf`, `dir`.
    private var words: [String] {
        var words: [String] = [""]
        for scalar in rawValue.unicodeScalars {
            if scalar.properties.isUppercase { words.append("") }
            words[words.count - 1] += String(scalar).lowercasedASCII
        }
        return words
    }
}
