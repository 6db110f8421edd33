import CallRecords
import JSON

extension CallRecord {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("number", quoted: number)
            json.member("transport", transport.rawValue)
            json.member("method", method)
            json.member("object", object)
            json.member("name", name)
            json.member("startedAt", quoted: startedAt)
            json.member("durationNanos", quoted: duration.wholeNanoseconds)
            json.member("running", isRunning)
            json.member("code", code)
            json.member("failed", hasFailed)
            json.member("error", error)
            json.member("traceparent", traceparent ?? "")
            json.member("routine", isRoutine)
            json.member("steps") { json in json.array(steps) { $1.write(&$0) } }
            json.member("stepsLeftOut", number: stepsLeftOut)
        }
    }
}

extension CallRecord.Step {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("name", name)
            json.member("startNanos", quoted: start.wholeNanoseconds)
            json.member("durationNanos", quoted: duration.wholeNanoseconds)
            json.member("code", code)
        }
    }
}

extension Duration {
    /// Never negative; saturates.
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = max(0, seconds).multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        return whole.addingReportingOverflow(max(0, attoseconds) / 1_000_000_000).partialValue
    }
}
