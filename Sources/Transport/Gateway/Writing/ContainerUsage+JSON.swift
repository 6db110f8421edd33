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
            if let cpu = usage.cpu { json.member("cpu") { writeCPU(cpu, &$0) } }
            if let memory = usage.memory { json.member("memory") { memory.write(&$0, at: usage.at) } }
        }
    }

    private func writeCPU(_ cpu: UInt64, _ json: inout JSONText) {
        json.object { json in
            json.member("timestamp", quoted: usage.at.nanoseconds)
            json.wrapped("usageCoreNanoSeconds", cpu)
            if let nanoCores { json.wrapped("usageNanoCores", nanoCores) }
        }
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
    fileprivate mutating func wrapped(_ name: StaticString, _ value: UInt64) {
        member(name) { json in json.object { $0.member("value", quoted: value) } }
    }
}
