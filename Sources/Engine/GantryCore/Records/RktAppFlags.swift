import ByteText

/// rkt's flags of `app add`, as the command line took them, in terms of an app configuration.
package struct RktAppFlags: Equatable, Sendable {
    /// `--environment=NAME=VALUE`, repeated.
    package var environment: [String] = []
    /// `--exec=CMD`.
    package var exec: String?
    /// What stands between `--` and `---`.
    package var args: [String] = []
    package var workingDir: String?
    package var user: String?
    package var group: String?
    /// `--supplementary-gids=1,2`.
    package var supplementaryGids: String?
    package var capsRetain: String?
    package var capsRemove: String?
    /// `--seccomp=mode=retain,@docker/default-whitelist`.
    package var seccomp: String?
    package var readonlyRootfs: Bool?
    /// A quantity of cores: `500m`, `2`.
    package var cpu: String?
    package var cpuShares: Int64?
    /// A quantity of bytes: `64M`, `1Gi`.
    package var memory: String?
    package var oomScoreAdj: Int64?
    /// `--mnt-volume=name=N,kind=host|empty,source=S,target=T,readOnly=B`, repeated.
    package var mountVolumes: [String] = []
    /// `null`, `log`, `stream`, `interactive` or `tty`.
    package var stdin: String?
    package var stdout: String?
    package var stderr: String?
    package var annotations: [String] = []
    package var userAnnotations: [String] = []
    package var userLabels: [String] = []

    package init() {}

    /// Puts what was given over `config`; `invalid` and `unsupported` name the flag.
    package func apply(to config: inout AppConfig) throws(EngineError) {
        for text in environment {
            let (name, value) = try RktFlag.pair(text, "--environment")
            config.env.removeAll { $0.name.isSame(as: name) }
            config.env.append(.init(name: name, value: value))
        }
        if let exec { config.command = [exec] }
        if !args.isEmpty { config.args = args }
        if let workingDir { config.workingDir = try RktFlag.absolute(workingDir, "--working-dir") }
        try applyUser(to: &config.user)
        try applySecurity(to: &config)
        try applyResources(to: &config.resources)
        for text in mountVolumes { config.mounts.append(try RktFlag.mount(text)) }
        try applyStreams(to: &config)
        try RktFlag.merge(annotations, "--annotation", into: &config.annotations)
        try RktFlag.merge(userAnnotations, "--user-annotation", into: &config.userAnnotations)
        try RktFlag.merge(userLabels, "--user-label", into: &config.userLabels)
    }

    private func applyUser(to config: inout AppConfig.User) throws(EngineError) {
        if let user {
            (config.uid, config.username, config.gid) = (nil, "", nil)
            switch try AccountText(user, "--user") {
            case .id(let uid): config.uid = uid
            case .name: config.username = user
            }
        }
        if let group {
            guard config.uid != nil || !config.username.isEmpty else {
                throw EngineError(.invalid, "--group: needs --user beside it")
            }
            switch try AccountText(group, "--group") {
            case .id(let gid): config.gid = gid
            case .name:
                // Only the form user:group takes a group's name.
                config.username = "\(config.uid.map { "\($0)" } ?? config.username):\(group)"
                config.uid = nil
            }
        }
        if let supplementaryGids {
            config.supplementalGroups = []
            for text in supplementaryGids.words(at: ",") {
                guard let gid = AccountText.id(text.utf8) else {
                    throw EngineError(.invalid, "--supplementary-gids: \"\(text)\" is not a group id")
                }
                config.supplementalGroups.append(gid)
            }
        }
    }

    private func applySecurity(to config: inout AppConfig) throws(EngineError) {
        guard capsRetain == nil || capsRemove == nil else {
            throw EngineError(.invalid, "--caps-retain and --caps-remove contradict each other")
        }
        if let capsRetain {
            config.capabilities.drop = [.all]
            config.capabilities.add = try RktFlag.capabilities(capsRetain, "--caps-retain")
        }
        if let capsRemove { config.capabilities.drop += try RktFlag.capabilities(capsRemove, "--caps-remove") }
        if let seccomp { config.seccomp.type = try RktFlag.seccomp(seccomp) }
        if let readonlyRootfs { config.readonlyRootfs = readonlyRootfs }
    }

    private func applyResources(to resources: inout AppResources) throws(EngineError) {
        if let cpu {
            let period: Int64 = 100_000
            resources.cpuPeriod = period
            // The least that the kernel takes for a little.
            let quota = max(1000, try RktFlag.quantity(cpu, "--cpu", times: period))
            guard quota < 1 << 44 else { throw EngineError(.invalid, "--cpu: \"\(cpu)\" is too large") }
            resources.cpuQuota = quota
        }
        if let cpuShares {
            guard AppResources.shares.contains(cpuShares) else {
                throw EngineError(
                    .invalid, "--cpu-shares: \(cpuShares) is not within 0 to \(AppResources.shares.upperBound)")
            }
            resources.cpuShares = cpuShares
        }
        if let memory { resources.memoryLimit = try RktFlag.quantity(memory, "--memory", times: 1) }
        if let oomScoreAdj {
            guard (-1000...1000).contains(oomScoreAdj) else {
                throw EngineError(.invalid, "--oom-score-adj: \(oomScoreAdj) is not within -1000 to 1000")
            }
            resources.oomScoreAdj = oomScoreAdj
        }
    }

    private func applyStreams(to config: inout AppConfig) throws(EngineError) {
        for (flag, mode) in [("--stdin", stdin), ("--stdout", stdout), ("--stderr", stderr)] {
            switch mode {
            case nil, "null", "log": break
            case "stream", "interactive": if flag == "--stdin" { config.stdin = true }
            case "tty":
                config.tty = true
                if flag == "--stdin" { config.stdin = true }
            case let other?:
                throw EngineError(.invalid, "\(flag): \"\(other)\" is not one of null, log, stream, interactive, tty")
            }
        }
    }
}
