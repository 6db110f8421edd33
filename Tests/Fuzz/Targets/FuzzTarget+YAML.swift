import YAML

extension FuzzTarget {
    /// YAML: bounded, whatever its aliases say, and with a place for everything.
    static let yaml = FuzzTarget("yaml", longest: 4096) { input in
        var limits = YAMLLimits()
        limits.nodes = 2000
        // Of collections; what is in the innermost one is a level below.
        limits.depth = 63
        guard let root = try? YAMLDocument.read(input, limits: limits) else { return }
        var nodes = 0
        let depth = try measure(root, &nodes)
        try promise(nodes <= 2000, "\(nodes) nodes")
        try promise(depth <= 64, "\(depth) levels")
        if case .mapping(let members) = root.content, members.count == 2 {
            PlantedTrap.here(members[0].key.text == "k" && members[1].value.text == "v1.2")
        }
    }

    private static func measure(_ node: YAMLNode, _ nodes: inout Int) throws -> Int {
        nodes += 1
        try promise(node.line >= 1 && node.column >= 1, "a node at line \(node.line) column \(node.column)")
        var deepest = 0
        switch node.content {
        case .scalar: break
        case .sequence(let elements):
            for element in elements { deepest = max(deepest, try measure(element, &nodes)) }
        case .mapping(let members):
            for member in members {
                deepest = max(deepest, try measure(member.key, &nodes), try measure(member.value, &nodes))
            }
        }
        return deepest + 1
    }
}
