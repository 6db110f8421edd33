import ArgumentParser
import Daemon

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the Container Runtime Interface.",
        discussion: """
            Settings come from flags, then RKTLET_* variables, then the configuration file and its drop-ins
            (/etc/rktlet/rktlet.yaml, /etc/rktlet/rktlet.yaml.d/*.yaml), then the defaults.
            """)

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        let (file, flags, environment) = (options.config, options.flags, Environment.current())
        do {
            try await DaemonProcess(settings: settings, environment: environment) { () throws(SettingsError) in
                try SettingsSources.load(file: file, environment: environment, flags: flags)
            }.run()
        } catch {
            StandardError.write("\(error)")
            throw ExitCode(1)
        }
    }
}
