import Domain
import JSON

extension UsagePoint {
    /// What is not known is left out.
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("timestamp", quoted: at.nanoseconds)
            if let nanoCores { json.member("usageNanoCores", quoted: nanoCores) }
            if let workingSet { json.member("workingSetBytes", quoted: workingSet) }
        }
    }
}
