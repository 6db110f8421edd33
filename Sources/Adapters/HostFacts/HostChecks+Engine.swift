import ByteText
import ChildProcess

extension HostChecks {
    /// Runs the engine as the daemon does first of all. One that hangs is cut off.
    package func engineAnswers(within limit: Duration = .seconds(10)) async -> HostCheck {
        let name = "engine version"
        do throws(ChildError) {
            let result = try await ChildCommand(executable: engine, arguments: ["version"], timeout: limit).run()
            let first = result.outputText.words(at: "\n").first.map(String.init) ?? ""
            guard result.succeeded else {
                return HostCheck(
                    name, .failure, "\"\(engine) version\" failed (\(result.end)): \(result.lastErrorLine)",
                    remedy: "run it by hand; make install")
            }
            guard first.begins(with: "gantry Version:") || first.begins(with: "rkt Version:") else {
                return HostCheck(
                    name, .failure, "\"\(engine) version\" names neither gantry nor rkt: \(first.shortened(to: 80))",
                    remedy: "set engine in the configuration to an rkt-compatible program")
            }
            return .ok(name, first)
        } catch {
            return HostCheck(name, .failure, "\(error)", remedy: "run \"\(engine) version\" by hand")
        }
    }
}
