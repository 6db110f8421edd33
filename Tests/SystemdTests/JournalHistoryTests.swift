import Domain
import DomainFakes
import Systemd
import Testing

@testable import JournalLog

@Suite("A pod's past, as the journal has it", .timeLimit(.minutes(10)))
struct JournalHistoryTests {
    private let pod = PodID.fake(1, "a")
    private let container = ContainerID.fake(2, "c")

    private func line(_ fields: [String: String], at microseconds: UInt64 = 5) -> HistoryLine {
        JournalHistory.line(JournalEntry(microseconds: microseconds, fields: fields), of: pod)
    }

    @Test("a call is told by the fields that its line was written with")
    func calls() throws {
        let told = line([
            "MESSAGE": "call failed pod=\(pod) method=ExecSync", "PRIORITY": "4", "RKTLET_POD": pod.rawValue,
            "RKTLET_CONTAINER": container.rawValue, "RKTLET_METHOD": "ExecSync", "RKTLET_TRANSPORT": "grpc",
            "RKTLET_OUTCOME": "failed", "RKTLET_CODE": "deadlineExceeded", "RKTLET_MILLISECONDS": "1000",
            "RKTLET_STEPS": "engine execSync 999 ms", "RKTLET_ERROR": "too long",
        ])
        #expect(told.at == Timestamp(nanoseconds: 5000))
        #expect(told.source == .daemon && told.isProblem)
        #expect(
            told.call
                == HistoryLine.Call(
                    method: "ExecSync", code: "deadlineExceeded", hasFailed: true,
                    milliseconds: "1000",
                    steps: "engine execSync 999 ms", container: container, error: "too long"))
    }

    @Test("a line of the daemon's that is no call keeps its words, without the id that everybody knows")
    func words() {
        let told = line([
            "MESSAGE": "a pod ended by itself cause=x pod=\(pod) unit=u", "PRIORITY": "4", "RKTLET_POD": pod.rawValue,
        ])
        #expect(told.text == "a pod ended by itself cause=x unit=u" && told.call == nil && told.source == .daemon)
    }

    @Test("lines of the unit and of systemd are told apart")
    func sources() {
        #expect(line(["MESSAGE": "container main: started", "PRIORITY": "6"]).source == .unit)
        #expect(line(["MESSAGE": "Failed", "PRIORITY": "4", "UNIT": "u", "_PID": "1"]).source == .systemd)
        #expect(line(["MESSAGE": "x", "PRIORITY": "6"]).isProblem == false)
        // Numbers that are none, and times beyond the clock.
        #expect(line(["PRIORITY": "٤"]).isProblem == false)
        #expect(line([:], at: .max).at == Timestamp(nanoseconds: .max))
    }
}
