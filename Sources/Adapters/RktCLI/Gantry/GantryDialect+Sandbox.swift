import Domain
import Glibc
import JSON
import SystemdRun

extension GantryDialect {
    func sandbox(
        _ pod: PodID, config: PodSandboxConfig, unit: String
    ) async throws(DomainError) -> SandboxInvocation {
        let uuid = EngineUUID(pod).description
        let runtime = try runtimeOption(of: config.runtimeHandler)
        let document = try GantryPodConfig.json(pod, config, unit: unit, createdAt: .now, settings: settings)
        let file = "\(settings.requestDirectory)/\(pod).json"
        // One that a killed daemon left behind is of no use any more.
        PrivateFile.remove(file)
        try PrivateFile.write(document.serialized(), to: file)
        let command = call.command
        return SandboxInvocation(
            command: [settings.binary]
                + command.arguments(["app", "sandbox"], ["--uuid=\(uuid)", "--config=\(file)"] + runtime),
            environment: command.environment,
            cleanup: [settings.binary] + command.arguments(["pod-cleanup"], [uuid]), files: [file])
    }

    func sandboxFailure(of pod: PodID) async -> DomainError? {
        let uuid = EngineUUID(pod).description
        let json: JSON
        do throws(DomainError) {
            json = try await call.json(["status"], [uuid], about: "pod \(pod)", timeout: settings.queryTimeout)
        } catch {
            // A full disk has no room for a pod, nor for its error.
            return error.code == .resourceExhausted ? error : nil
        }
        guard let message = json["error"]?.stringValue, !message.isEmpty
        else { return nil }
        let word = json["error_code"]?.stringValue ?? ""
        return DomainError(
            GantryCall.code(word) ?? .unavailable, GantryCall.message(message, word, of: ["app", "sandbox"]))
    }
}

extension Timestamp {
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
