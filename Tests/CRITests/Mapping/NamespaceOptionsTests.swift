import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct NamespaceOptionsTests {
    private let path = FieldPath("o")
    private let id = String(repeating: "0a", count: 32)

    @Test func `modes survive the way in and out`() throws {
        let options: [Runtime_V1_NamespaceOption] = [
            .init(),
            .with { $0.network = .node },
            .with { $0.ipc = .node },
            .with { $0.pid = .container },
            .with { $0.pid = .node },
            .with {
                $0.pid = .target
                $0.targetID = id
            },
            .with { $0.usernsOptions = userNamespace([(100_000, 0, 65_536)]) },
        ]
        for wire in options { #expect(try NamespaceOptions(wire: wire, at: path).wire == wire) }
    }

    @Test func `the host's user namespace is no user namespace`() throws {
        let wire = Runtime_V1_NamespaceOption.with { $0.usernsOptions.mode = .node }
        #expect(try NamespaceOptions(wire: wire, at: path).user == nil)
    }

    struct Contradiction: Sendable {
        var message: String
        var onHost = false
        /// Host id, container id, length.
        var mappings: [(UInt32, UInt32, UInt32)]
    }

    static let contradictions = [
        Contradiction(
            message: "o.userns_options: cannot be combined with the host's network", onHost: true, mappings: [(1, 0, 1)]
        ),
        Contradiction(
            message: "o.userns_options.uids: host_id 5 is mapped twice", mappings: [(0, 0, 10), (5, 100, 10)]),
        Contradiction(
            message: "o.userns_options.uids: container_id 5 is mapped twice", mappings: [(0, 0, 10), (50, 5, 10)]),
        Contradiction(message: "o.userns_options.uids[0].length: must not be 0", mappings: [(0, 0, 0)]),
        Contradiction(
            message: "o.userns_options.uids: maps nothing to id 0 of the container (container_id 0)",
            mappings: [(100_000, 1, 10)]),
        Contradiction(
            message: "o.userns_options.uids[0].host_id: 4 ids from 4294967293 on go past the last one",
            mappings: [(4_294_967_293, 0, 4)]),
    ]

    @Test(arguments: contradictions)
    func `contradictory user namespaces are refused`(_ contradiction: Contradiction) {
        let wire = Runtime_V1_NamespaceOption.with {
            $0.network = contradiction.onHost ? .node : .pod
            $0.usernsOptions = userNamespace(contradiction.mappings)
        }
        #expect(throws: DomainError(.invalidArgument, contradiction.message)) {
            try NamespaceOptions(wire: wire, at: path)
        }
    }

    @Test func `mappings for the host's user namespace are refused`() {
        var wire = Runtime_V1_NamespaceOption.with { $0.usernsOptions = userNamespace([(0, 0, 1)]) }
        wire.usernsOptions.mode = .node
        #expect(throws: DomainError.self) { try NamespaceOptions(wire: wire, at: path) }
        wire.usernsOptions.mode = .UNRECOGNIZED(4)
        #expect(throws: DomainError(.invalidArgument, "o.userns_options.mode: unknown value 4")) {
            try NamespaceOptions(wire: wire, at: path)
        }
    }

    private func userNamespace(_ mappings: [(UInt32, UInt32, UInt32)]) -> Runtime_V1_UserNamespace {
        let wire: [Runtime_V1_IDMapping] = mappings.map { mapping in
            .with {
                $0.hostID = mapping.0
                $0.containerID = mapping.1
                $0.length = mapping.2
            }
        }
        return .with {
            $0.uids = wire
            $0.gids = wire
        }
    }
}
