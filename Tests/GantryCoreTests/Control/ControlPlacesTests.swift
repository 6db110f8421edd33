import JSON
import Testing

@testable import GantryCore

@Suite("Places of requests that wait", .timeLimit(.minutes(10)))
struct ControlPlacesTests {
    private final class Client {
        var answers: [JSON] = []
        private(set) var request: ControlRequest?

        init(_ op: String, _ name: String = "a") {
            request = ControlRequest(body: ["op": .string(op), "name": .string(name)], descriptors: []) { frame, _, _ in
                let body = Array(frame.dropFirst(ControlProtocol.headerLength))
                if let answer = try? JSON(parsing: body) { self.answers.append(answer) }
            }
        }

        var code: String? { answers.first?["error"]?["code"]?.stringValue }
    }

    private func admit(_ places: ControlPlaces, _ op: String, _ name: String = "a") throws -> Client {
        let client = Client(op, name)
        try places.admit(try #require(client.request))
        return client
    }

    @Test("what waits at most leaves connections to what does not")
    func reserve() { #expect(ControlPlaces.all <= ControlServer.maximumConnections * 7 / 8) }

    @Test("what is answered at once needs no place", arguments: ["ping", "status", "no-such", ""])
    func short(_ op: String) throws {
        let places = ControlPlaces()
        for _ in 0..<2000 { _ = try admit(places, op) }
        #expect(places.count == 0)
    }

    @Test("commands beyond an app's bound are refused, and those of another app are not")
    func commands() throws {
        let places = ControlPlaces()
        let clients = try (0..<ControlPlaces.commandsOfApp).map { _ in try admit(places, "app-exec") }
        let error = #expect(throws: EngineError.self) { try admit(places, "app-exec") }
        #expect(error?.code == .exhausted && error?.message.contains("app a") == true)
        _ = try admit(places, "app-exec", "b")
        // One that has ended gives its place back.
        clients[0].request?.succeed()
        _ = try admit(places, "app-exec")
        clients[1].request?.cancel()
        _ = try admit(places, "app-exec")
    }

    @Test(
        "commands beyond the pod's bound are refused",
        arguments: [
            ("app-exec", ControlPlaces.commands), ("app-add", ControlPlaces.additions),
            ("app-start", ControlPlaces.others),
        ])
    func ofThePod(_ op: String, _ most: Int) throws {
        let places = ControlPlaces()
        for number in 0..<most { _ = try admit(places, op, "app-\(number)") }
        #expect(throws: EngineError.self) { try admit(places, op, "another") }
        #expect(places.count == most)
    }

    @Test("who waits for an end longest makes way", arguments: ["app-stop", "app-rm", "stop"])
    func ends(_ op: String) throws {
        let places = ControlPlaces()
        let clients = try (0..<ControlPlaces.endsOfOne).map { _ in try admit(places, op) }
        #expect(clients.allSatisfy { $0.answers.isEmpty })
        let next = try admit(places, op)
        #expect(clients[0].code == "exhausted" && clients[1].answers.isEmpty && next.answers.isEmpty)
        #expect(places.count == ControlPlaces.endsOfOne)
        for number in 0..<1000 { _ = try admit(places, op, "app-\(number)") }
        #expect(places.count == ControlPlaces.ends)
    }
}
