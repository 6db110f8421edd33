import Domain
import JSON

extension ContainerUsage {
    /// `ContainerStats`. What the kernel does not count here is left out.
    func write(_ json: inout JSONText) {
        json.object { json in
            json.member("attributes") { json in
                json.object { json in
                    json.member("id", container.id.rawValue)
                    json.member("metadata") { container.config.metadata.write(&$0) }
                    json.member("labels", container.config.labels)
                    json.member("annotations", container.config.annotations)
                }
            }
            usage.writeMembers(nanoCores: nanoCores, &json)
        }
    }
}

extension CgroupUsage {
    /// `cpu` and `memory`, as far as the kernel counts them.
    func writeMembers(nanoCores: UInt64?, _ json: inout JSONText) {
        if let cpu {
            json.member("cpu") { json in
                json.object { json in
                    json.member("timestamp", quoted: at.nanoseconds)
                    json.wrapped("usageCoreNanoSeconds", cpu)
                    if let nanoCores { json.wrapped("usageNanoCores", nanoCores) }
                }
            }
        }
        if let memory { json.member("memory") { memory.write(&$0, at: at) } }
    }
}

extension MemoryUsage {
    fileprivate func write(_ json: inout JSONText, at: Timestamp) {
        json.object { json in
            json.member("timestamp", quoted: at.nanoseconds)
            json.wrapped("workingSetBytes", workingSet)
            if let available { json.wrapped("availableBytes", available) }
            json.wrapped("usageBytes", usage)
            json.wrapped("rssBytes", rss)
            json.wrapped("pageFaults", pageFaults)
            json.wrapped("majorPageFaults", majorPageFaults)
        }
    }
}

extension JSONText {
    /// `UInt64Value`: a message around a number.
    mutating func wrapped(_ name: StaticString, _ value: UInt64) {
        member(name) { json in json.object { $0.member("value", quoted: value) } }
    }
}
