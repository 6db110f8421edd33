import Synchronization

/// The settings in force, some of which may change while the daemon runs.
final class LiveSettings: Sendable {
    /// What came of a configuration that was read anew, by the names in the file.
    struct Outcome: Equatable, Sendable {
        /// In force from now on.
        var taken: [SettingKey] = []
        /// Different from what this process runs with, and of effect only for the next one.
        var needRestart: [SettingKey] = []
    }

    private let settings: Mutex<Settings>

    init(_ settings: Settings) {
        self.settings = Mutex(settings)
    }

    var current: Settings { settings.withLock { $0 } }

    /// Takes what can change; of the rest, what the process began with stays in force.
    func take(_ new: Settings) -> Outcome {
        settings.withLock { settings in
            let differing = SettingKey.allCases.filter { $0.differs(settings, new) }
            let outcome = Outcome(
                taken: differing.filter(\.isLive), needRestart: differing.filter { !$0.isLive })
            settings.logLevel = new.logLevel
            settings.cniConfDir = new.cniConfDir
            settings.cniBinDirs = new.cniBinDirs
            settings.proxy = new.proxy
            settings.pinnedImages = new.pinnedImages
            settings.runtimes = new.runtimes
            return outcome
        }
    }
}

extension SettingKey {
    /// Whether a running daemon takes another value; ``LiveSettings/take(_:)`` does.
    var isLive: Bool {
        switch self {
        case .logLevel, .cniConfDir, .cniBinDirs, .httpProxy, .httpsProxy, .noProxy, .pinnedImages, .runtimes: true
        case .listen, .engine, .dataDir, .runDir, .streamingAddress, .streamingWithoutTLS, .streamingCertFile,
            .streamingKeyFile, .streamingClientCAFile, .podSlice, .gateway, .gatewayTokenFile, .metricsTokenFile,
            .rktSharedPIDNamespace, .rktExecAsRoot:
            false
        }
    }

    fileprivate func differs(_ old: Settings, _ new: Settings) -> Bool {
        switch self {
        case .listen: old.socketPath != new.socketPath
        case .engine: old.engine != new.engine
        case .dataDir: old.dataDir != new.dataDir
        case .runDir: old.runDir != new.runDir
        case .cniConfDir: old.cniConfDir != new.cniConfDir
        case .cniBinDirs: old.cniBinDirs != new.cniBinDirs
        case .streamingAddress: old.streamingAddress != new.streamingAddress
        case .streamingWithoutTLS: old.streamingWithoutTLS != new.streamingWithoutTLS
        case .streamingCertFile: old.streamingTLS?.certificate != new.streamingTLS?.certificate
        case .streamingKeyFile: old.streamingTLS?.key != new.streamingTLS?.key
        case .streamingClientCAFile: old.streamingTLS?.clientCA != new.streamingTLS?.clientCA
        case .logLevel: old.logLevel != new.logLevel
        case .podSlice: old.podSlice != new.podSlice
        case .gateway: old.gateway != new.gateway
        case .gatewayTokenFile: old.gatewayTokenFile != new.gatewayTokenFile
        case .metricsTokenFile: old.metricsTokenFile != new.metricsTokenFile
        case .httpProxy: old.proxy["HTTP_PROXY"] != new.proxy["HTTP_PROXY"]
        case .httpsProxy: old.proxy["HTTPS_PROXY"] != new.proxy["HTTPS_PROXY"]
        case .noProxy: old.proxy["NO_PROXY"] != new.proxy["NO_PROXY"]
        case .pinnedImages: old.pinnedImages != new.pinnedImages
        case .runtimes: old.runtimes != new.runtimes
        case .rktSharedPIDNamespace: old.rkt.sharedPIDNamespace != new.rkt.sharedPIDNamespace
        case .rktExecAsRoot: old.rkt.execAsRoot != new.rkt.execAsRoot
        }
    }
}
