import ChildProcess
import Domain
import Logging

extension GantryDialect {
    /// Bytes of one event: a pod with the requests of all its containers.
    private static let longestLine = 32 << 20

    /// Reads `gantry events` for as long as the task lives. When the command ends it is begun again where it stopped; when events were
    /// lost or could not be read, from a snapshot.
    func pumpEvents(into sink: EventSink) async {
        let decoder = GantryEventDecoder(logger: logger)
        var pause = settings.eventsBackoff
        while !Task.isCancelled {
            let before = decoder.position
            let complete = await follow(decoder, sink)
            if Task.isCancelled { return }
            decoder.restart(complete: complete)
            if decoder.position != before { pause = settings.eventsBackoff }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// One run of the command. Answers whether a snapshot is needed next.
    private func follow(_ decoder: GantryEventDecoder, _ sink: EventSink) async -> Bool {
        var arguments = ["--follow=true"]
        let position = decoder.position
        if position != nil { arguments.append("--since=-") }
        // Not as an argument: it has a number for each pod.
        let input = position.map { Array($0.serialized().utf8) }
        let command = call.command.command(["events"], arguments, input: input, timeout: nil)
        do {
            let result = try await command.runLines(lineLimit: Self.longestLine) { line in
                try decoder.decode(line) { event in
                    guard sink.yield(event) else { throw EventsLost() }
                }
            }
            // Meant: the daemon ends.
            if Task.isCancelled { return false }
            logger.notice(
                "the engine's event stream ended and is taken up again",
                metadata: ["end": "\(result.end)", "stderr": "\(result.lastErrorLine)"])
            // Refused rather than interrupted: perhaps it does not know the position.
            return result.end == .code(2)
        } catch {
            if !Task.isCancelled {
                logger.warning(
                    "the engine's event stream broke and begins with a snapshot", metadata: ["cause": "\(error)"])
            }
            return true
        }
    }
}
