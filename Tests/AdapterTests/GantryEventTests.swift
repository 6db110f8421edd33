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
            ["type": "snapshot", "boot": "b1", "seq": 3, "at": ["boot": "b1", "removed": 3]],
            ["type": "pod", "seq": 41, "pod": GantryShapes.pod(apps: [GantryShapes.app()]), "at": ["p1": 41]],
            ["type": "pod", "seq": 17, "pod": GantryShapes.foreignPod, "at": ["p2": 17]],
            ["type": "snapshot-end", "seq": 3],
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
                    "type": "app", "seq": 42, "at": ["p1": 42], "pod_name": .string(Samples.uuid),
                    "app": GantryShapes.app(state: "running"),
                ],
                [
                    "type": "app-removed", "seq": 43, "at": ["p1": 43], "pod_name": .string(Samples.uuid),
                    "name": .string(Samples.containerID.rawValue),
                ],
                ["type": "pod", "seq": 44, "pod": GantryShapes.pod(state: "exited"), "at": ["p1": 44]],
                ["type": "images", "at": ["images": "w"]],
                ["type": "something-new", "at": ["news": 46]],
                ["type": "pod-removed", "name": .string(Samples.uuid), "at": ["p1": .null, "removed": 4]],
                ["type": "pod-removed", "name": "11111111-1111-1111-1111-111111111111", "at": ["removed": 5]],
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
        #expect(decoder.position == ["boot": "b1", "p2": 17, "images": "w", "news": 46, "removed": 5])
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
        #expect(decoder.position == ["boot": "b1", "removed": 3, "p1": 41, "p2": 17])
        #expect(throws: Unexpected.self) {
            try decoder.decode(Array(#"{"type":"images","at":{"images":"w"}}"#.utf8)) { _ in throw Unexpected() }
        }
        #expect(decoder.position?["images"] == nil)
        _ = try decode([["type": "gap", "boot": "b2", "seq": 99]], with: decoder)
        #expect(decoder.position == nil)
        _ = try decode(snapshot, with: decoder)
        _ = try decode(Array(snapshot.prefix(2)), with: decoder)
        decoder.restart(complete: false)
        #expect(decoder.position == nil, "half a snapshot is no place to go on from")
    }

    @Test("an engine that says nothing of positions begins with a snapshot each time")
    func olderEngine() throws {
        let decoder = GantryEventDecoder(logger: Self.quiet)
        let lines: [JSON] = [
            ["type": "snapshot", "boot": "b1", "seq": 41], ["type": "snapshot-end", "seq": 41],
            ["type": "images", "seq": 42],
        ]
        #expect(try decode(lines, with: decoder).count == 2)
        #expect(decoder.position == nil)
    }

    @Test("broken lines are errors, an empty one is nothing", arguments: ["{", "[]", #"{"type":"app","at":"x"}"#])
    func rubbish(line: String) {
        let decoder = GantryEventDecoder(logger: Self.quiet)
        #expect(throws: (any Error).self) { try decoder.decode(Array(line.utf8)) { _ in } }
        #expect(throws: Never.self) { try decoder.decode([]) { _ in } }
    }

    @Test("a stream that ends is taken up behind the last event; one that breaks begins with a snapshot")
    func resumes() async throws {
        let fake = try FakeEngine.gantry()
        let images: JSON = ["type": "images", "at": ["images": "w"]]
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
        let calls = fake.calls("events").map { call in call.filter { $0.hasPrefix("--since") } }
        #expect(calls.count == 3)
        #expect(calls.filter { $0 == ["--since=-"] }.count == 1)
        #expect(calls.filter(\.isEmpty).count == 2)
        let positions = try fake.inputs("events").filter { !$0.isEmpty }.map { try JSON(parsing: $0) }
        #expect(positions == [["boot": "b1", "removed": 3, "p1": 41, "p2": 17, "images": "w"]])
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
