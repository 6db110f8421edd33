import Domain
import JSON
import Logging
import Testing

@testable import RktCLI

@Suite("gantry's event stream", .timeLimit(.minutes(10)))
struct GantryEventTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func lines(_ documents: [JSON]) -> String { documents.map { $0.serialized() + "\n" }.joined() }

    private var snapshot: [JSON] {
        [
            ["type": "snapshot", "boot": "b1", "seq": 41],
            ["type": "pod", "seq": 41, "pod": GantryShapes.pod(apps: [GantryShapes.app()])],
            ["type": "pod", "seq": 41, "pod": GantryShapes.foreignPod],
            ["type": "snapshot-end", "seq": 41],
        ]
    }

    private func decode(_ documents: [JSON], with decoder: GantryEventDecoder) throws -> [EngineEvent] {
        var events: [EngineEvent] = []
        for document in documents { try decoder.decode(Array(document.serialized().utf8)) { events.append($0) } }
        return events
    }

    @Test("a snapshot comes as one event, deltas as they are")
    func decodes() throws {
        let decoder = GantryEventDecoder(logger: Self.quiet)
        let events = try decode(
            snapshot + [
                [
                    "type": "app", "seq": 42, "boot": "b1", "pod_name": .string(Samples.uuid),
                    "app": GantryShapes.app(state: "running"),
                ],
                [
                    "type": "app-removed", "seq": 43, "pod_name": .string(Samples.uuid),
                    "name": .string(Samples.containerID.rawValue),
                ],
                ["type": "pod", "seq": 44, "pod": GantryShapes.pod(state: "exited")],
                ["type": "images", "seq": 45],
                ["type": "something-new", "seq": 46],
                ["type": "pod-removed", "seq": 47, "name": .string(Samples.uuid)],
                ["type": "pod-removed", "seq": 48, "name": "11111111-1111-1111-1111-111111111111"],
            ], with: decoder)
        #expect(events.count == 6)
        guard case .snapshot(let records) = events[0] else { throw Unexpected() }
        #expect(records.map(\.pod.id) == [Samples.podID])
        #expect(records.first?.containers.map(\.id) == [Samples.containerID])
        guard case .container(let container) = events[1] else { throw Unexpected() }
        #expect(container.state == .running)
        #expect(events[2] == .containerRemoved(Samples.containerID))
        guard case .pod(let pod) = events[3] else { throw Unexpected() }
        #expect(pod.state == .notReady)
        #expect(events[4] == .images)
        #expect(events[5] == .podRemoved(Samples.podID))
        #expect(decoder.position == .init(boot: "b1", sequence: 48))
    }

    @Test("the position moves only behind what was passed on, and never inside a snapshot")
    func position() throws {
        let decoder = GantryEventDecoder(logger: Self.quiet)
        for document in snapshot.dropLast() {
            try decoder.decode(Array(document.serialized().utf8)) { _ in }
            #expect(decoder.position == nil)
        }
        #expect(throws: Unexpected.self) {
            try decoder.decode(Array(snapshot[3].serialized().utf8)) { _ in throw Unexpected() }
        }
        #expect(decoder.position == nil)
        _ = try decode(snapshot, with: decoder)
        #expect(decoder.position?.sequence == 41)
        _ = try decode([["type": "gap", "boot": "b2", "seq": 99]], with: decoder)
        #expect(decoder.position == nil)
    }

    @Test("broken lines are errors, an empty one is nothing", arguments: ["{", "[]", #"{"type":"app","seq":"x"}"#])
    func rubbish(line: String) {
        let decoder = GantryEventDecoder(logger: Self.quiet)
        #expect(throws: (any Error).self) { try decoder.decode(Array(line.utf8)) { _ in } }
        #expect(throws: Never.self) { try decoder.decode([]) { _ in } }
    }

    @Test("a stream that ends is taken up behind the last event; one that breaks begins with a snapshot")
    func resumes() async throws {
        let fake = try FakeEngine.gantry()
        let images: JSON = ["type": "images", "seq": 42]
        try fake.write("first", lines(snapshot + [images]))
        try fake.write("second", "rubbish\n")
        try fake.write("third", lines(snapshot))
        // One answer per call, the last for ever.
        try fake.write(
            "events.run",
            """
            for answer in first second third; do
                if [ -e "$here/$answer" ]; then
                    mv "$here/$answer" "$here/$answer.done"
                    cat "$here/$answer.done"
                    [ $answer != third ] || sleep 600
                    exit 0
                fi
            done
            sleep 600
            """)
        var seen: [EngineEvent] = []
        for await event in fake.engine().events() {
            seen.append(event)
            if seen.count == 3 { break }
        }
        guard case .snapshot = seen[0], case .images = seen[1], case .snapshot = seen[2] else { throw Unexpected() }
        let calls = fake.calls("events").map { call in call.filter { $0.hasPrefix("--since") || $0.hasPrefix("--boot") }
        }
        #expect(calls.count == 3)
        #expect(calls.filter { $0 == ["--since=42", "--boot=b1"] }.count == 1)
        #expect(calls.filter(\.isEmpty).count == 2)
    }

    @Test("the engine's process ends with the one who reads")
    func ends() async throws {
        let fake = try FakeEngine.gantry()
        try fake.write("all", lines(snapshot))
        let life = try LifeLine(in: fake.directory)
        try fake.write("events.run", "exec 3>\"\(life.path)\"; cat \"$here/all\"; exec sleep 600")
        async let ended: Void = life.end()
        for await _ in fake.engine().events() { break }
        try await ended
    }

    private struct Unexpected: Error {}
}
