import GantryCore
import JSON

extension FuzzTarget {
    /// CNI configurations, which administrators write, and results, which plugins print. Both readers read each input.
    static let cni = FuzzTarget("cni", longest: 4096) { input in
        guard let json = try? JSON(parsing: input) else { return }
        if let list = try? NetworkConfigList(json: json, source: "x") {
            for plugin in list.plugins {
                let type = plugin["type"]?.stringValue ?? ""
                try promise(!type.isEmpty && !type.utf8.contains(0x2f), "a plugin that is a path")
                try promise(!type.utf8.elementsEqual("..".utf8), "a plugin that is the parent directory")
            }
            guard let again = try? NetworkConfigList(json: list.json, source: "x") else {
                throw Finding("cannot read the list it made")
            }
            try promise(again == list, "reads another list than it made")
        }
        let result = NetworkResult(json: json)
        let network = result.network(named: "x", interface: "eth0")
        try promise(network.ips.count == result.addresses.count, "another number of addresses")
        PlantedTrap.here(result.addresses.first?.prefix == 29 && result.dns.servers.count == 2)
    }
}
