import Domain
import Testing

@Suite("Entities", .timeLimit(.minutes(10)))
struct EntityTests {
    @Test("Ids are 64 lower-case hexadecimal digits and nothing else")
    func ids() {
        let good = String(repeating: "0a", count: 32)
        #expect(PodID(good)?.rawValue == good)
        for bad in ["", "abc", good + "0", good.uppercased(), String(repeating: "g", count: 64)] {
            #expect(PodID(bad) == nil)
        }
    }

    @Test(
        "Signals are read by name and number",
        arguments: [
            ("SIGTERM", 15), ("term", 15), ("9", 9), ("SIGRTMIN+3", 37), ("SIGRTMAX-2", 62), ("64", 64),
            ("SIGNOPE", nil), ("0", nil),
            ("65", nil), ("RTMIN+16", nil), ("", nil),
        ] as [(String, Int32?)])
    func signals(name: String, number: Int32?) {
        #expect(Signal(name: name)?.number == number)
    }

    @Test("A signal's name is read back as the same signal", arguments: 1...64 as ClosedRange<Int32>)
    func signalNames(number: Int32) throws {
        // 32 and 33 belong to the C library and have no name of their own.
        guard number != 32, number != 33 else { return }
        let signal = try #require(Signal(number: number))
        #expect(Signal(name: signal.description) == signal)
    }

    @Test("A secret shows itself to nobody who does not ask by name")
    func secrets() {
        let credentials = RegistryCredentials(
            username: "me", password: Secret("hunter2"), auth: Secret("hunter2"), identityToken: Secret("hunter2"),
            registryToken: Secret("hunter2"))
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains("hunter2")) }
        #expect(credentials.password.reveal() == "hunter2")
    }

    @Test("No state is left by way of itself, and removed is the end")
    func endStates() {
        for state in ContainerState.allCases where state != .removed {
            #expect(!ContainerState.removed.mayBecome(state))
        }
        for state in PodSandboxState.allCases where state != .removed {
            #expect(!PodSandboxState.removed.mayBecome(state))
        }
        #expect(!ContainerState.exited.mayBecome(.running))
        #expect(!ContainerState.unknown.mayBecome(.running))
        #expect(!PodSandboxState.notReady.mayBecome(.ready))
    }
}
