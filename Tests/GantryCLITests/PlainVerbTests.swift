import ArgumentParser
import Testing

@testable import GantryCommands

@Suite("Verbs read without ArgumentParser", .timeLimit(.minutes(10)))
struct PlainVerbTests {
    /// What ArgumentParser makes of the same words.
    private func parsed<Work: Verb>(_ words: [String], as: Work.Type) throws -> Work? {
        func verb(_ command: some VerbCommand) -> Work? { command.verb as? Work }
        return (try Gantry.parseAsRoot(words) as? any VerbCommand).flatMap { verb($0) }
    }

    private static let common = ["--dir=/d", "--run-dir=/r", "--format=json"]

    @Test("are the same as with it")
    func agree() throws {
        for extra in [[], Self.common, ["--dir=/d"]] {
            let start = ["app", "start", "POD", "--app=a"] + extra
            #expect(PlainVerb.read(start) as? StartApp == (try parsed(start, as: StartApp.self)))
            let rm = ["app", "rm"] + extra + ["POD", "--app=a"]
            #expect(PlainVerb.read(rm) as? RemoveApp == (try parsed(rm, as: RemoveApp.self)))
            let stop = ["app", "stop", "POD", "--app=a", "--signal=INT", "--timeout=2m"] + extra
            #expect(PlainVerb.read(stop) as? StopApp == (try parsed(stop, as: StopApp.self)))
            let stopPod = ["stop", "--force", "POD", "--timeout=3s"] + extra
            #expect(PlainVerb.read(stopPod) as? StopPod == (try parsed(stopPod, as: StopPod.self)))
            #expect((PlainVerb.read(stopPod) as? StopPod)?.force == true)
            let removal = ["rm"] + extra + ["POD", "OTHER"]
            #expect(PlainVerb.read(removal) as? RemovePods == (try parsed(removal, as: RemovePods.self)))
            let cleanup = ["pod-cleanup"] + extra + ["POD"]
            #expect(PlainVerb.read(cleanup) as? CleanUpPod == (try parsed(cleanup, as: CleanUpPod.self)))
            let abandoned = ["abandon"] + extra + ["POD"]
            #expect(PlainVerb.read(abandoned) as? AbandonPod == (try parsed(abandoned, as: AbandonPod.self)))
            let status = ["status", "POD", "--wait-ready=5"] + extra
            #expect(PlainVerb.read(status) as? ShowPod == (try parsed(status, as: ShowPod.self)))
            let add = ["app", "add", "POD", "image:1", "--name=a", "--config=/c=d"] + extra
            #expect(PlainVerb.read(add) as? AddApp == (try parsed(add, as: AddApp.self)))
            let sandbox =
                ["app", "sandbox", "--uuid=u", "--uuid-file-save=/f", "--config=/c", "--oci-runtime=/usr/sbin/runc"]
                + extra
            #expect(PlainVerb.read(sandbox) as? LaunchSandbox == (try parsed(sandbox, as: LaunchSandbox.self)))
            let events = ["events", "--since=7", "--boot=b", "--follow=false"] + extra.filter { $0 != "--format=json" }
            #expect(PlainVerb.read(events) as? FollowEvents == (try parsed(events, as: FollowEvents.self)))
            #expect((PlainVerb.read(events) as? FollowEvents)?.boot == "b")
            for file in ["-", "/tmp/position", "./position"] {
                let events = ["events", "--since=\(file)"] + extra.filter { $0 != "--format=json" }
                #expect(PlainVerb.read(events) as? FollowEvents == (try parsed(events, as: FollowEvents.self)))
                #expect((PlainVerb.read(events) as? FollowEvents)?.since == file)
            }
            let exec =
                ["app", "exec", "--app=a", "--timeout=5"] + extra + [
                    "--max-output=7", "POD", "ls", "--app=b", "-x", "--",
                ]
            #expect(PlainVerb.read(exec) as? ExecInApp == (try parsed(exec, as: ExecInApp.self)))
            let session =
                ["app", "exec", "--app=a", "--session=0", "--stdin", "--stdout", "--tty", "--size=80x24"] + extra + [
                    "POD", "--", "ls", "--size=1x1", "--",
                ]
            #expect(PlainVerb.read(session) as? ExecInApp == (try parsed(session, as: ExecInApp.self)))
            #expect((PlainVerb.read(session) as? ExecInApp)?.session?.size == TerminalSize("80x24"))
            let attach = ["app", "attach", "POD", "--app=a", "--session=0", "--stdout", "--tty"] + extra
            #expect(PlainVerb.read(attach) as? AttachToApp == (try parsed(attach, as: AttachToApp.self)))
            #expect((PlainVerb.read(attach) as? AttachToApp)?.socket == 0)
        }
    }

    @Test(
        "are left to it when it knows better",
        arguments: [
            [], ["app"], ["app", "start"], ["app", "start", "POD"], ["app", "start", "POD", "--app", "a"],
            ["app", "start", "--help"],
            ["app", "start", "POD", "--app=a", "--app=b"], ["app", "start", "POD", "--app=a", "--nonsense=x"],
            ["app", "start", "A", "B", "--app=a"],
            ["app", "start", "POD", "--app=a", "--format=xml"], ["app", "start", "POD", "--app=a", "--dir=relative"],
            ["app", "stop", "POD", "--app=a", "--timeout=x"], ["app", "add", "POD", "I", "--name=a", "--", "x"],
            ["app", "add", "POD", "I", "--name=a", "--environment=A=b"], ["app", "add", "POD", "I"],
            ["app", "sandbox", "--net=none"],
            ["app", "exec", "--app=a", "POD", "--"], ["app", "exec", "--app=a", "--stdin", "POD", "ls"],
            ["app", "exec", "--app=a", "--session=0", "--size=80", "POD", "ls"],
            ["app", "attach", "--app=a", "POD"], ["app", "attach", "--app=a", "--session=x", "POD"],
            ["port-forward", "POD", "80"], ["port-forward", "POD", "80", "--session=0"],
            ["app", "exec", "--app=a", "--tty", "--format=json", "POD", "ls"],
            ["app", "exec", "--app=a", "POD"],
            ["app", "exec", "--app=a", "--max-output=-1", "POD", "ls"], ["list", "--format=json"],
            ["app", "status", "POD", "--app=a"], ["stop"], ["stop", "--force"], ["stop", "POD", "--timeout=x"],
            ["stop", "POD", "--forced"], ["rm"], ["rm", "--force", "POD"], ["pod-cleanup", "A", "B"],
            ["abandon", "A", "B"],
            ["status", "--help"], ["events", "--since=7"], ["events", "--boot=b"],
            ["events", "--since=-1", "--boot=b"],
            ["events", "--follow=yes"], ["events", "x"],
            ["status", "POD", "--wait-ready=x"],
        ])
    func deferToArgumentParser(_ words: [String]) {
        #expect(PlainVerb.read(words) == nil)
    }
}
