import ByteText
import JSON

/// What an ADD reported, in any version of the result format.
package struct NetworkResult: Equatable, Sendable {
    package struct Address: Equatable, Sendable {
        /// Without the prefix.
        package var ip: String
        package var prefix: Int
    }

    /// Of the container's interfaces, in the order of the result.
    package let addresses: [Address]
    package let dns: PodConfig.DNS

    package init(json: JSON) {
        var texts: [String] = []
        let interfaces = json["interfaces"]?.arrayValue ?? []
        for ip in json["ips"]?.arrayValue ?? [] {
            // An address of an interface on the host's side, which has no sandbox, is not the pod's.
            if let index = ip["interface"]?.int64Value, interfaces.indices.contains(Int(index)),
                (interfaces[Int(index)]["sandbox"]?.stringValue ?? "").isEmpty
            {
                continue
            }
            if let address = ip["address"]?.stringValue { texts.append(address) }
        }
        // Versions 0.1 and 0.2.
        for key in ["ip4", "ip6"] {
            if let address = json[key]?["ip"]?.stringValue { texts.append(address) }
        }
        addresses = texts.compactMap(Self.parse)
        var dns = PodConfig.DNS()
        dns.servers = (json["dns"]?["nameservers"]?.arrayValue ?? []).compactMap(\.stringValue)
        dns.searches = (json["dns"]?["search"]?.arrayValue ?? []).compactMap(\.stringValue)
        dns.options = (json["dns"]?["options"]?.arrayValue ?? []).compactMap(\.stringValue)
        self.dns = dns
    }

    private static func parse(_ text: String) -> Address? {
        let (ip, prefix) = text.cut(at: "/") ?? (text[...], "")
        return ip.isEmpty ? nil : Address(ip: String(ip), prefix: Int(digits: prefix) ?? 0)
    }

    /// As a pod record shows it.
    package func network(named name: String, interface: String) -> PodRecord.Network {
        PodRecord.Network(netName: name, ifName: interface, ips: addresses.map(\.ip), mask: mask)
    }

    private var mask: String {
        guard let first = addresses.first, !first.ip.has(":"), (0...32).contains(first.prefix) else { return "" }
        let bits = first.prefix == 0 ? 0 : UInt32.max << UInt32(32 - first.prefix)
        return [24, 16, 8, 0].map { String(bits >> UInt32($0) & 0xff) }.joined(separator: ".")
    }
}
