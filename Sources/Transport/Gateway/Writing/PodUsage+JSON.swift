import Domain
import JSON

extension PodUsage {
    /// `PodSandboxStats`. What the kernel does not count here is left out.
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("attributes") { json in
                json.object { json in
                    json.member("id", pod.id.rawValue)
                    json.member("metadata") { pod.config.metadata.write(&$0) }
                    json.member("labels", pod.config.labels)
                    json.member("annotations", pod.config.annotations)
                }
            }
            json.member("linux") { json in json.object { writeMembers(&$0) } }
        }
    }

    private func writeMembers(_ json: inout JSONText) {
        usage?.writeMembers(nanoCores: nanoCores, &json)
        if let network { json.member("network") { network.write(&$0) } }
        if let usage, let tasks = usage.tasks {
            json.member("process") { json in
                json.object { json in
                    json.member("timestamp", quoted: usage.at.nanoseconds)
                    json.wrapped("processCount", tasks)
                }
            }
        }
        let members = containers.sorted { $0.container.id.rawValue < $1.container.id.rawValue }
        json.member("containers") { json in json.array(members) { $1.write(&$0) } }
    }
}

extension NetworkUsage {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("timestamp", quoted: at.nanoseconds)
            json.member("defaultInterface") { main.write(&$0) }
            json.member("interfaces") { json in json.array(others) { $1.write(&$0) } }
        }
    }
}

extension InterfaceUsage {
    fileprivate func write(_ json: inout JSONText) {
        json.object { json in
            json.member("name", name)
            json.wrapped("rxBytes", received.bytes)
            json.wrapped("rxErrors", received.errors)
            json.wrapped("txBytes", sent.bytes)
            json.wrapped("txErrors", sent.errors)
        }
    }
}
