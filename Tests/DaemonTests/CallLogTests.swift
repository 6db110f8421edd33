import CallRecords
import JournalLog
import Logging
import Synchronization
import Testing

@testable import Daemon

@Suite("The log of calls", .timeLimit(.minutes(10)))
struct CallLogTests {
    private struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var fields: [String: String]
    }

    private final class Lines: Sendable {
        let all = Mutex<[Line]>([])
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel: Logger.Level = .info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let line = Line(
                level: event.level, message: event.message.description,
                fields: (event.metadata ?? [:]).mapValues { $0.description })
            lines.all.withLock { $0.append(line) }
        }
    }

    private let pod = String(repeating: "a", count: 64)
    private let container = String(repeating: "c", count: 64)

    private func log(_ body: (CallRecorder) -> Void) -> [Line] {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Handler(lines: lines) }
        body(
            CallRecorder(
                podOf: { [pod, container] in $0 == container ? pod : nil }, ended: CallLog(logger: logger).ended))
        return lines.all.withLock { $0 }
    }

    @Test("a call that changed something is one line with its pod, its container and its steps")
    func changes() throws {
        let lines = log { recorder in
            let call = recorder.begin(.grpc, "StopContainer", onlyAsks: false, traceparent: nil)
            call.about(container)
            call.concerns(container: container)
            call.step("engine stop", since: .now, code: "unavailable")
            recorder.end(call, code: "ok", hasFailed: false, error: "")
            // The same end twice is one.
            recorder.end(call, code: "ok", hasFailed: false, error: "")
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect((line.level, line.message) == (.info, "served"))
        #expect(line.fields["pod"] == pod && line.fields["container"] == container)
        #expect(
            line.fields["method"] == "StopContainer" && line.fields["code"] == "ok"
                && line.fields["transport"] == "grpc")
        #expect(line.fields["outcome"] == "done" && line.fields["steps"] == "engine stop 0 ms unavailable")
        #expect(line.fields["name"] == nil && line.fields["error"] == nil)
    }

    @Test("what only asks is no line, unless it fails")
    func asks() {
        func end(_ transport: CallRecord.Transport, _ code: String, asks: Bool = true, isOfNote: Bool = true) -> [Line]
        {
            log { recorder in
                let call = recorder.begin(transport, "M", onlyAsks: asks, traceparent: nil)
                let failed = code != "ok" && code != "200"
                recorder.end(call, code: code, hasFailed: failed, error: failed ? "why" : "", isOfNote: isOfNote)
            }
        }
        #expect(end(.grpc, "ok").isEmpty)
        #expect(end(.grpc, "notFound").map(\.level) == [.info])
        #expect(end(.grpc, "deadlineExceeded").map(\.level) == [.warning])
        #expect(end(.grpc, "internalError").map(\.level) == [.error])
        #expect(end(.grpc, "internalError").first?.fields["error"] == "why")
        #expect(end(.http, "200").isEmpty && end(.http, "404").isEmpty)
        #expect(end(.http, "404", asks: false).map(\.level) == [.info])
        #expect(end(.http, "503").map(\.level) == [.warning])
        // Strangers fill no log.
        #expect(end(.http, "401", asks: false, isOfNote: false).isEmpty)
    }

    @Test("a call that is no line costs no copy of its record", arguments: [Logger.Level.info, .debug])
    func copies(_ threshold: Logger.Level) {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in Handler(lines: lines, logLevel: threshold) }
        let log = CallLog(logger: logger)
        let copies = Mutex(0)
        let recorder = CallRecorder(ended: { outcome, record in
            log.ended(outcome) {
                copies.withLock { $0 += 1 }
                return record()
            }
        })
        for (code, asks) in [("ok", true), ("ok", false), ("notFound", true)] {
            let call = recorder.begin(.grpc, "M", onlyAsks: asks, traceparent: nil)
            recorder.end(call, code: code, hasFailed: code != "ok", error: "")
        }
        #expect(copies.withLock { $0 } == (threshold == .info ? 2 : 3))
        #expect(lines.all.withLock { $0.map(\.level) } == (threshold == .info ? [] : [.debug]) + [.info, .info])
    }

    @Test("an image is told by its name")
    func images() {
        let lines = log { recorder in
            let call = recorder.begin(.grpc, "PullImage", onlyAsks: false, traceparent: nil)
            call.about("registry.test/app:1")
            // No id is no pod.
            call.concerns(pod: "web")
            recorder.end(call, code: "ok", hasFailed: false, error: "")
        }
        #expect(lines.first?.fields["name"] == "registry.test/app:1" && lines.first?.fields["pod"] == nil)
    }
}
