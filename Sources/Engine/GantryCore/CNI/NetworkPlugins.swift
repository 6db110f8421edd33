import ByteText
import JSON

/// Calls the plugins of a network (CNI specification 1.0, section 2 and 4).
package struct NetworkPlugins {
    /// Of one plugin, in nanoseconds.
    package var timeout: Int64 = 60_000_000_000
    /// Readable when the caller is to stop.
    package var cancellation: Int32?
    /// Done while the first plugin of an ADD runs.
    package var meanwhile: (() -> Void)?

    /// Told the result of each plugin of an ADD before the next one runs. What it throws ends the ADD.
    package var reached: ((JSON) throws(EngineError) -> Void)?

    package init() {}

    /// Throws when one of the plugins is missing: then none is to be run, since its DEL could never succeed.
    package func check(_ attachment: NetworkAttachment) throws(EngineError) {
        for plugin in attachment.list.plugins { _ = try executable("ADD", plugin, attachment) }
    }

    /// ADD of every plugin, each with the result of the one before. However it ends, the attachment has the last result there was: the DELs
    /// of plugins such as firewall do nothing without.
    /// - Throws: the plugin's own error. What it did is not undone: call `detach`.
    package func attach(_ attachment: inout NetworkAttachment) throws(EngineError) {
        for plugin in attachment.list.plugins {
            let meanwhile = attachment.attempted == 0 ? meanwhile : nil
            attachment.attempted += 1
            let answer = try call(
                "ADD", plugin, attachment, previous: attachment.result, netns: attachment.netns, meanwhile: meanwhile)
            guard let answer, answer.objectValue != nil else {
                throw failure("ADD", plugin, attachment, "it printed no result")
            }
            attachment.result = answer
            try reached?(answer)
        }
    }

    /// DEL of every plugin that the ADD was tried with, last one first, with the very configuration of the ADD. Goes on after a failure and throws the first.
    /// - Parameters:
    ///   - budget: nanoseconds for all of them; one that hangs leaves the others their share.
    ///   - netns: empty when the namespace is gone.
    package func detach(_ attachment: NetworkAttachment, within budget: Int64, netns: String) throws(EngineError) {
        var first: EngineError?
        let deadline = Clock.monotonic() + budget
        let chain = Array(attachment.list.plugins.prefix(attachment.attempted).reversed())
        for (index, plugin) in chain.enumerated() {
            var plugins = self
            plugins.timeout = min(timeout, max(0, deadline - Clock.monotonic()) / Int64(chain.count - index))
            do throws(EngineError) {
                _ = try plugins.call("DEL", plugin, attachment, previous: attachment.result, netns: netns)
            } catch {
                if first == nil { first = error }
            }
        }
        if let first { throw first }
    }

    private func call(
        _ verb: String, _ plugin: JSON, _ attachment: NetworkAttachment, previous: JSON?, netns: String,
        meanwhile: (() -> Void)? = nil
    ) throws(EngineError) -> JSON? {
        let environment = [
            "CNI_CONTAINERID=\(attachment.containerID)", "CNI_NETNS=\(netns)",
            "CNI_IFNAME=\(attachment.interface)", "CNI_ARGS=\(Self.arguments(attachment.args))",
        ]
        return try execute(
            verb, plugin, attachment, environment,
            input: attachment.configuration(of: plugin, previous: previous), meanwhile: meanwhile)
    }

    /// - Parameter environment: of this verb, beside what all of them get.
    func execute(
        _ verb: String, _ plugin: JSON, _ attachment: NetworkAttachment, _ environment: [String] = [], input: JSON,
        meanwhile: (() -> Void)? = nil
    ) throws(EngineError) -> JSON? {
        let type = plugin["type"]?.stringValue ?? ""
        let executable = try executable(verb, plugin, attachment)
        let common = [
            ProcessRequest.searchPath, "CNI_COMMAND=\(verb)",
            "CNI_PATH=\(attachment.binDirs.joined(separator: ":"))",
        ]
        var command = Command(ProcessRequest(executable, [type], environment: common + environment))
        command.input = Array(input.serialized().utf8)
        command.timeout = timeout
        command.cancellation = cancellation
        let outcome = try command.run(meanwhile: meanwhile)
        guard let status = outcome.status else {
            if outcome.wasCancelled { throw failure(verb, plugin, attachment, "interrupted", .unavailable) }
            throw failure(verb, plugin, attachment, "no answer after \(timeout / 1_000_000_000) seconds", .deadline)
        }
        if status.isSuccess {
            if outcome.output.allSatisfy({ $0 <= 0x20 }) { return nil }
            do { return try JSON(parsing: outcome.output) } catch {
                throw failure(verb, plugin, attachment, "its result is not JSON: \(error)")
            }
        }
        let reason = Self.reason(outcome, status)
        throw failure(verb, plugin, attachment, reason, .ofText(reason, otherwise: .internal))
    }

    func executable(
        _ verb: String, _ plugin: JSON, _ attachment: NetworkAttachment
    ) throws(EngineError) -> String {
        let type = plugin["type"]?.stringValue ?? ""
        if let path = attachment.binDirs.lazy.map({ "\($0)/\(type)" }).first(where: Files.exists) { return path }
        let directories = attachment.binDirs.joined(separator: ", ")
        throw failure(verb, plugin, attachment, "there is no such plugin in \(directories)", .unavailable)
    }

    /// `K=V;K=V`, sorted; kubernetes plugins refuse keys that they do not know unless IgnoreUnknown comes along.
    package static func arguments(_ arguments: [String: String]) -> String {
        guard !arguments.isEmpty else { return "" }
        var all = arguments
        all["IgnoreUnknown"] = all["IgnoreUnknown"] ?? "1"
        return all.sorted { $0.key.precedes($1.key) }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
    }

    // Section 5, error: a JSON object on standard output; what does not keep to it is quoted.
    private static func reason(_ outcome: Command.Outcome, _ status: ExitStatus) -> String {
        if let error = try? JSON(parsing: outcome.output), let message = error["msg"]?.stringValue {
            let details = error["details"]?.stringValue ?? ""
            return details.isEmpty ? message : "\(message): \(details)"
        }
        let text = outcome.errors.isEmpty ? outcome.output : outcome.errors
        let words = String(decoding: text.prefix(1024), as: UTF8.self).words(at: "\n").joined(separator: "; ")
        return words.isEmpty ? status.description : "\(words) (\(status.description))"
    }

    private func failure(
        _ verb: String, _ plugin: JSON, _ attachment: NetworkAttachment, _ reason: String,
        _ code: EngineError.Code = .internal
    ) -> EngineError {
        EngineError(
            code,
            "network \(attachment.list.name): CNI \(verb) with \(plugin["type"]?.stringValue ?? "?") failed: \(reason)")
    }
}
