import Domain
import JSON

extension Story {
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("id", id.rawValue)
            json.member("name", name)
            json.member("state", state?.jsonName ?? "")
            json.member("summary", summary)
            json.member("cut", isCut)
            json.member("gap", gap)
            json.member("entries") { json in json.array(entries) { $1.write(&$0) } }
        }
    }
}

extension Story.Entry {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("at", quoted: at.nanoseconds)
            json.member("source", source.rawValue)
            json.member("problem", isProblem)
            json.member("text", text)
        }
    }
}
