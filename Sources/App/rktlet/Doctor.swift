import ArgumentParser
import ByteText
import Daemon
import HostFacts

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this host: what is wrong, and how to mend it.",
        discussion: "Exits with 1 when pods cannot run here.")

    @OptionGroup var options: SettingsOptions

    /// Nil for what does not answer as an engine does.
    private func engineName(_ finding: String) -> String? {
        ["rkt", "gantry"].first { finding.begins(with: "\($0) Version:") }
    }

    func run() async throws {
        let settings = try options.load(refusingUnknown: false)
        let checks = HostChecks(
            engine: settings.engine, dataDir: settings.dataDir, runDir: settings.runDir,
            cniConfDir: settings.cniConfDir, cniBinDirs: settings.cniBinDirs)
        let engine = await checks.engineAnswers()
        let isRkt = engineName(engine.finding)?.isSame(as: "rkt") == true
        var live: [HostCheck] = [
            await LiveChecks.bus(), await LiveChecks.service(settings), engine,
            LiveChecks.owner(settings, engine: engineName(engine.finding)),
        ]
        if isRkt {
            live += await LiveChecks.rkt(settings)
        } else {
            live.append(LiveChecks.collector(settings))
            if let supervisors = await LiveChecks.supervisors(checks) { live.append(supervisors) }
        }
        live.append(LiveChecks.gateway(settings))
        live += LiveChecks.tokens(settings)
        live += await HostChecks.runtimes(settings.runtimes)
        if !isRkt { live.append(await checks.checkpoints(settings.runtimes)) }
        let report = DoctorReport(checks: checks.run(isRkt: isRkt) + live)
        print(report.text, terminator: "")
        if !report.isUsable { throw ExitCode(1) }
    }
}
