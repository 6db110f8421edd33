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

    /// Whether the OCI runtimes of the configuration answer as runtimes do, each of which is asked for its version. One that hangs is cut off.
    ///
    /// - Parameter runtimes: absolute paths by the names of runtime handlers.
    package static func runtimes(_ runtimes: [String: String], within limit: Duration = .seconds(10)) async
        -> [HostCheck]
    {
        var checks: [HostCheck] = []
        for (handler, path) in runtimes.sorted(by: { $0.key.precedes($1.key) }) {
            checks.append(await runtime(handler, path, within: limit))
        }
        return checks
    }

    private static func runtime(_ handler: String, _ path: String, within limit: Duration) async -> HostCheck {
        let name = "runtime \(handler)"
        let problem: String
        do throws(ChildError) {
            let result = try await ChildCommand(executable: path, arguments: ["--version"], timeout: limit).run()
            let first = result.outputText.words(at: "\n").first.map(String.init) ?? ""
            let words = first.words(at: " ")
            if result.succeeded, words.count >= 3, words[1] == "version" { return .ok(name, "\(path): \(first)") }
            problem = result.succeeded ? "says \(first.shortened(to: 80))" : "\(result.end): \(result.lastErrorLine)"
        } catch {
            problem = "\(error)"
        }
        return HostCheck(
            name, .warning,
            "\"\(path) --version\" does not answer \"NAME version NUMBER\" (\(problem)): pods with runtime handler \"\(handler)\" are refused",
            remedy: "install it, or set its path in runtimes of the configuration; then systemctl reload rktlet")
    }
}
