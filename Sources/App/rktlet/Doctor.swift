import ArgumentParser
import Daemon
import HostFacts

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this host: what is wrong, and how to mend it.",
        discussion: "Exits with 1 when pods cannot run here.")

    @OptionGroup var options: SettingsOptions

    func run() throws {
        let settings = try options.load()
        let checks = HostChecks(
            engine: settings.engine, dataDir: settings.dataDir, runDir: settings.runDir,
            cniConfDir: settings.cniConfDir, cniBinDirs: settings.cniBinDirs)
        let report = DoctorReport(checks: checks.run())
        print(report.text, terminator: "")
        if !report.isUsable { throw ExitCode(1) }
    }
}
