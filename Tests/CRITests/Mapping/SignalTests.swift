import Domain
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct SignalTests {
    private let path = FieldPath("stop_signal")

    @Test(arguments: [
        (Runtime_V1_Signal.sigterm, Int32(15)), (.sigkill, 9), (.sighup, 1), (.sigabrt, 6), (.sigiot, 6),
        (.sigcld, 17), (.sigpoll, 29), (.sigusr1, 10), (.sigsys, 31), (.sigrtmin, 34), (.sigrtminplus3, 37),
        (.sigrtminplus15, 49), (.sigrtmaxminus14, 50), (.sigrtmaxminus1, 63), (.sigrtmax, 64),
    ])
    func `the enum names a signal and does not count it`(_ wire: Runtime_V1_Signal, _ number: Int32) throws {
        #expect(try Signal.parse(wire, at: path)?.number == number)
    }

    @Test func `every value of the enum is a signal, and its name agrees with the domain's`() throws {
        for wire in Runtime_V1_Signal.allCases where wire != .runtimeDefault {
            let signal = try #require(try Signal.parse(wire, at: path))
            let name = "\(wire)".uppercased().replacing("PLUS", with: "+").replacing("MINUS", with: "-")
            #expect(Signal(name: name) == signal, "\(wire)")
        }
    }

    @Test func `a signal survives the way out and back`() throws {
        for number in Int32(1)...64 where number != 32 && number != 33 {
            let signal = try #require(Signal(number: number))
            #expect(try Signal.parse(signal.wire, at: path) == signal)
        }
    }

    @Test func `the runtime's default is no signal`() throws {
        #expect(try Signal.parse(.runtimeDefault, at: path) == nil)
    }
}
