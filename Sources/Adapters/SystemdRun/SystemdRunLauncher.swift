import ByteText
import ChildProcess
import Domain
import Logging
import Systemd

/// Pods as transient units, started by `systemd-run` and stopped over the bus.
package struct SystemdRunLauncher: PodLauncher {
    private static let lastLines = 15
    /// Bytes. A status message travels in a header, and clients bound those.
    private static let longestLine = 300
    private static let longestLog = 2048
    private static let longestCause = 2048
    private let settings: LauncherSettings
    private let bus: SystemdBus
    private let program: any SandboxProgram
    private let limits: HostLimits
    private let beforeMove: @Sendable () -> Void
    private let leftAlone: UnitsLeftAlone

    /// - Parameters:
    ///   - bus: must be running for `stop` and `units`.
    ///   - beforeMove: called when processes are about to be moved between cgroups; must not wait.
    package init(
        settings: LauncherSettings, bus: SystemdBus, program: any SandboxProgram, logger: Logger,
        limits: HostLimits = .current(), beforeMove: @escaping @Sendable () -> Void = {}
    ) {
        self.settings = settings
        self.bus = bus
        self.program = program
        self.limits = limits
        self.beforeMove = beforeMove
        leftAlone = UnitsLeftAlone(dataDirectory: settings.dataDirectory, logger: logger)
        for note in UnitProperties.clamped(limits) { logger.notice("\(note)") }
    }

    private var podUnit: PodUnit { PodUnit(prefix: settings.unitPrefix) }

    package func unitName(for pod: PodID) -> String { podUnit.name(of: pod) }

    package func validate(_ config: PodSandboxConfig) throws(DomainError) {
        _ = try Slice.name(forParent: config.cgroupParent, default: settings.defaultSlice)
    }

    package func launch(_ pod: PodID, config: PodSandboxConfig) async throws(DomainError) {
        let slice = try Slice.name(forParent: config.cgroupParent, default: settings.defaultSlice)
        let unit = unitName(for: pod)
        beforeMove()
        let invocation = try await program.prepare(pod, config: config, unit: unit)
        let properties = UnitProperties(
            unit: unit, slice: slice, description: podUnit.description(of: pod, config.metadata),
            settings: settings, limits: limits, invocation: invocation)
        let outcome = await run(properties.arguments)
        await program.discard(invocation)
        switch outcome {
        case .success(let result) where result.succeeded: return
        case .success(let result):
            let said = result.lastErrorLine
            let why = said.isEmpty ? "systemd-run ended with \(result.end)" : said
            throw await failure(of: pod, DomainError(.unavailable, "unit \(unit) did not start: \(why)"))
        // A supervisor that did not come to its end in time may have written why.
        case .failure(let error) where error.isTimeout:
            throw await failure(of: pod, DomainError(error, about: "unit \(unit)"))
        case .failure(let error): throw DomainError(error, about: "pod \(pod)")
        }
    }

    /// systemd-run returns when the start job is over. It is given a little more than systemd itself takes to give up.
    private func run(_ arguments: [String]) async -> Result<ChildResult, ChildError> {
        let command = ChildCommand(
            executable: settings.systemdRun, arguments: arguments, outputLimit: 4096,
            timeout: settings.startTimeout + settings.startPatience)
        do throws(ChildError) {
            return .success(try await command.run())
        } catch {
            return .failure(error)
        }
    }

    /// The supervisor's own words first, then the journal's. `otherwise` is what is said when the supervisor said nothing.
    private func failure(of pod: PodID, _ otherwise: DomainError) async -> DomainError {
        let cause = await program.failure(of: pod) ?? otherwise
        let unit = unitName(for: pod)
        let lines = Self.excerpt(of: await Journal.lastLines(of: unit, count: Self.lastLines))
        let log = lines.isEmpty ? "" : "; last lines of \(unit): " + lines.joined(separator: " | ")
        return DomainError(cause.code, "pod \(pod): \(cause.message.cut(to: Self.longestCause))\(log)")
    }

    /// The newest of the lines that fit, each cut to its limit.
    static func excerpt(of lines: [String]) -> [String] {
        var room = longestLog
        var kept: [String] = []
        for line in lines.reversed() {
            let cut = line.cut(to: longestLine)
            room -= cut.utf8.count + 3
            if room < 0 { break }
            kept.append(cut)
        }
        return kept.reversed()
    }

    package func stop(_ pod: PodID) async throws(DomainError) {
        do throws(SystemdError) {
            for unit in [podUnit.name(of: pod), podUnit.olderName(of: pod)] {
                try await bus.stopUnit(unit, timeout: settings.stopLimit)
            }
        } catch {
            throw DomainError(error, about: "pod \(pod)")
        }
    }

    package func limit(_ pod: PodID, to limits: PodLimits) async throws(DomainError) {
        let properties = try limits.properties(isUnified: self.limits.isUnified)
        do throws(SystemdError) {
            do throws(SystemdError) {
                try await bus.setProperties(properties, of: podUnit.name(of: pod))
            } catch {
                guard case .noSuchUnit = error else { throw error }
                try await bus.setProperties(properties, of: podUnit.olderName(of: pod))
            }
        } catch {
            throw DomainError(error, about: "pod \(pod)")
        }
    }

    package func units() async throws(DomainError) -> [PodID] {
        do throws(SystemdError) {
            let owner = UnitOwner(dataDirectory: settings.dataDirectory)
            let loaded = try await bus.listUnits(prefix: settings.unitPrefix).filter { $0.loadState != "not-found" }
            let own = loaded.filter { !owner.isAnothers($0.name) }
            leftAlone.tell(loaded.count - own.count)
            return own.compactMap(podUnit.pod)
        } catch {
            throw DomainError(error, about: "listing the pods' units")
        }
    }
}

extension String {
    /// At most so many bytes of it, and a sign where something is missing.
    fileprivate func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        return shortened(to: limit - "…".utf8.count) + "…"
    }
}
