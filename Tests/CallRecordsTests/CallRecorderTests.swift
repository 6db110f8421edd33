import Testing

@testable import CallRecords

@Suite("The flight recorder", .timeLimit(.minutes(10)))
struct CallRecorderTests {
    private func limits(_ calls: Int = 8, bytes: Int = 1 << 20, quick: Duration = .seconds(3600)) -> CallRecorder.Limits
    {
        var limits = CallRecorder.Limits()
        (limits.calls, limits.bytes, limits.routineCalls, limits.routineBytes) = (calls, bytes, calls, bytes)
        limits.quick = quick
        return limits
    }

    private func record(
        _ recorder: CallRecorder, _ method: String = "StopContainer", onlyAsks: Bool = false, failed: Bool = false,
        error: String = ""
    ) {
        let call = recorder.begin(.grpc, method, onlyAsks: onlyAsks, traceparent: nil)
        recorder.end(call, code: failed ? "internalError" : "ok", hasFailed: failed, error: error)
    }

    @Test("keeps what a call was about, what was done for it and how it ended")
    func whole() throws {
        let recorder = CallRecorder()
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let call = recorder.begin(.grpc, "RunPodSandbox", onlyAsks: false, traceparent: trace)
        call.making("default/web")
        call.step("systemd launch", since: .now - .milliseconds(20), code: "ok")
        call.about("abc")
        #expect(recorder.running.map(\.method) == ["RunPodSandbox"])
        #expect(recorder.running.first?.isRunning == true)
        #expect(recorder.ended(after: 0, routine: true).calls.isEmpty)
        recorder.end(call, code: "unavailable", hasFailed: true, error: "no\nroom")
        // What comes after the end is somebody else's.
        call.about("other")
        call.step("engine remove", since: .now, code: "ok")
        recorder.end(call, code: "ok", hasFailed: false, error: "")

        #expect(recorder.running.isEmpty)
        let kept = recorder.ended(after: 0, routine: false).calls
        #expect(kept.count == 1)
        let record = try #require(kept.first)
        #expect((record.number, record.object, record.name) == (1, "abc", "default/web"))
        #expect((record.code, record.hasFailed, record.isRoutine) == ("unavailable", true, false))
        #expect(!record.error.utf8.contains(UInt8(ascii: "\n")))
        #expect(record.traceparent == trace)
        #expect(record.steps.map(\.name) == ["systemd launch"])
        #expect(try #require(record.steps.first).duration >= .milliseconds(20))
        #expect(record.startedAt > 1_700_000_000_000_000_000)
    }

    @Test("keeps the newest of each kind: a thousand lists push out no failure")
    func kinds() {
        let recorder = CallRecorder(limits: limits())
        record(recorder, "RunPodSandbox")
        record(recorder, "ListContainers", onlyAsks: true, failed: true, error: "why")
        for _ in 0..<1000 { record(recorder, "ListContainers", onlyAsks: true) }
        #expect(recorder.ended(after: 0, routine: false).calls.map(\.number) == [1, 2])
        let all = recorder.ended(after: 0, routine: true).calls
        #expect(all.map(\.number) == [1, 2] + (995...1002))
        for number in 0..<20 { record(recorder, "StopContainer-\(number)") }
        #expect(recorder.ended(after: 0, routine: false).calls.map(\.method) == (12..<20).map { "StopContainer-\($0)" })
    }

    @Test("a slow question is not routine, and what strangers cause is, though it failed")
    func routine() {
        let recorder = CallRecorder(limits: limits(quick: .zero))
        record(recorder, "ListContainers", onlyAsks: true)
        #expect(recorder.ended(after: 0, routine: false).calls.count == 1)
        let call = recorder.begin(.http, "POST /v1/pods", onlyAsks: false, traceparent: nil)
        recorder.end(call, code: "401", hasFailed: true, error: "token", isOfNote: false)
        #expect(recorder.ended(after: 0, routine: false).calls.count == 1)
        #expect(recorder.ended(after: 0, routine: true).calls.last?.hasFailed == true)
    }

    @Test("takes no more memory than its bound, whatever it is told")
    func bounded() throws {
        let recorder = CallRecorder(limits: limits(1000, bytes: 20_000))
        let long = String(repeating: "é", count: 10_000)
        for _ in 0..<40 {
            let call = recorder.begin(.http, long, onlyAsks: false, traceparent: long)
            call.about(long)
            call.making(long)
            for _ in 0..<100 { call.step(long, since: .now, code: "ok") }
            recorder.end(call, code: "ok", hasFailed: true, error: long)
            #expect(recorder.bytes <= 20_000)
        }
        let kept = recorder.ended(after: 0, routine: false)
        #expect(!kept.calls.isEmpty && kept.calls.last?.number == 40)
        let last = try #require(kept.calls.last)
        #expect(last.error.utf8.count <= 1024 && last.object.utf8.count <= 256 && last.name.utf8.count <= 256)
        #expect(last.method.utf8.count <= 256 && last.traceparent == nil)
        #expect((last.steps.count, last.stepsLeftOut) == (32, 68))
    }

    @Test("who reads on hears of each call once, and of those that had to make room")
    func readingOn() {
        let recorder = CallRecorder(limits: limits(4))
        for _ in 0..<3 { record(recorder) }
        let first = recorder.ended(after: 0, routine: false)
        #expect((first.calls.count, first.hasGap, first.last) == (3, false, 3))
        record(recorder)
        let second = recorder.ended(after: first.last, routine: false)
        #expect((second.calls.map(\.number), second.hasGap) == ([4], false))
        for _ in 0..<6 { record(recorder) }
        let third = recorder.ended(after: second.last, routine: false)
        #expect((third.calls.map(\.number), third.hasGap, third.last) == ([7, 8, 9, 10], true, 10))
        // Routine calls that went are no gap for who does not want them.
        for _ in 0..<9 { record(recorder, "Version", onlyAsks: true) }
        #expect(!recorder.ended(after: 10, routine: false).hasGap)
        #expect(recorder.ended(after: 10, routine: true).hasGap)
        #expect(recorder.ended(after: .max, routine: true).calls.isEmpty)
    }

    @Test("wakes who waits, and forgets who left")
    func wakeups() async {
        let recorder = CallRecorder()
        do {
            var news = recorder.wakeups().makeAsyncIterator()
            #expect(recorder.followerCount == 1)
            record(recorder)
            record(recorder)
            await news.next()
            recorder.wake()
            await news.next()
        }
        #expect(recorder.followerCount == 0)
    }

    @Test(
        "keeps no password of an address",
        arguments: [
            ("get \"https://me:secret@registry/v2/\": EOF", "get \"https://…@registry/v2/\": EOF"),
            ("a://u:p@h b://u:p@q@h/x?y=@", "a://…@h b://…@h/x?y=@"), ("https://registry/v2/a@sha256:1", nil),
            ("image \"me:secret@registry/a\": no", "image \"…@registry/a\": no"),
            ("https://token@h:1/", "https://…@h:1/"),
            ("a/b:1@sha256:\(String(repeating: "0", count: 64))", nil), ("user@host and no address", nil),
            ("://@", "://…@"), ("", nil),
        ])
    func passwords(text: String, kept: String?) {
        #expect(KeptText.error(text) == kept ?? text)
        #expect(KeptText.name(text) == kept ?? text)
    }

    @Test(
        "keeps only what is a traceparent",
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b7-0101", false), ("", false),
            (String(repeating: "-", count: 55), false),
        ])
    func traceparent(text: String, isValid: Bool) {
        #expect(Traceparent.isValid(text) == isValid)
    }

    @Test("many at once lose no call and none twice")
    func concurrently() async {
        let recorder = CallRecorder(limits: limits(10_000, bytes: 100 << 20))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<500 { record(recorder, onlyAsks: number.isMultiple(of: 2)) }
                }
            }
        }
        #expect(recorder.ended(after: 0, routine: true).calls.map(\.number) == Array(1...4000))
        #expect(recorder.running.isEmpty)
    }
}
