import ArgumentParser
import Daemon

/// Where a command at the console finds the daemon: as the daemon itself does, from flag, environment and file.
struct GatewayOption: ParsableArguments {
    @Option(help: ArgumentHelp("Configuration file (YAML).", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The daemon's gateway (default unix:///run/rktlet/gateway.sock).",
            valueName: "unix://path|tcp://127.0.0.1:port"))
    var gateway: String?

    @Option(
        help: ArgumentHelp(
            "The gateway's token, needed on TCP (default /var/lib/rktlet/gateway.token).", valueName: "file"))
    var gatewayTokenFile: String?

    func client() throws -> GatewayClient {
        do {
            var flags: [SettingKey: SettingValue] = [:]
            if let gatewayTokenFile {
                flags[.gatewayTokenFile] = SettingValue(
                    .text(gatewayTokenFile), origin: SettingKey.gatewayTokenFile.flag)
            }
            let settings = try SettingsSources.load(
                file: config, environment: Environment.current(), flags: flags, refusingUnknown: false)
            // Who names an address asks there; else the socket is nearest.
            guard let address = try gateway.map(GatewayAddress.init) ?? settings.gateway.nearest else {
                throw ConsoleError("the gateway is switched off (gateway: none)")
            }
            return GatewayClient(address: address, tokenFile: settings.gatewayTokenFile)
        } catch let error as ConsoleError {
            throw error
        } catch {
            StandardError.write("\(error)")
            throw ExitCode(78)
        }
    }
}

extension ParsableCommand {
    /// Runs `body`; its error is one line for the person at the console.
    func atConsole(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ConsoleError {
            StandardError.write("\(error)")
            throw ExitCode(1)
        }
    }
}
