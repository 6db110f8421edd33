import CYAML

/// Makes nodes of libyaml's events, without recursion, and counts what they hold.
struct YAMLComposer {
    /// A collection whose end has not come yet.
    fileprivate struct Open {
        var content: YAMLNode.Content
        /// Of a mapping: the key whose value comes next.
        var key: YAMLNode?
        var anchor: [UInt8]?
        var mark: yaml_mark_t
        /// What was counted before it.
        var nodes: Int
        var bytes: Int
    }

    /// What an alias of a name stands for, and how much that is.
    private struct Anchored {
        var node: YAMLNode
        var nodes: Int
        var bytes: Int
    }

    private let limits: YAMLLimits
    private var open: [Open] = []
    private var anchors: [[UInt8]: Anchored] = [:]
    private var anchorCount = 0
    private var aliasCount = 0
    private var nodes = 0
    private var bytes = 0
    private(set) var root: YAMLNode?

    init(limits: YAMLLimits) {
        self.limits = limits
    }

    /// An event within a document.
    mutating func take(_ event: yaml_event_t) throws(YAMLError) {
        let mark = event.start_mark
        switch event.type {
        case YAML_SCALAR_EVENT: try scalar(event.data.scalar, mark)
        case YAML_ALIAS_EVENT: try alias(event.data.alias.anchor, mark)
        case YAML_SEQUENCE_START_EVENT: try begin(.sequence([]), event.data.sequence_start.anchor, mark)
        case YAML_MAPPING_START_EVENT: try begin(.mapping([]), event.data.mapping_start.anchor, mark)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try end(mark)
        default: throw YAMLDocument.error("it cannot be read", at: mark)
        }
    }

    private mutating func scalar(
        _ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar, _ mark: yaml_mark_t
    )
        throws(YAMLError)
    {
        let name = try anchor(scalar.anchor, mark)
        try count(nodes: 1, bytes: scalar.length, mark)
        let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        let node = node(.scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), mark)
        if let name { anchors[name] = Anchored(node: node, nodes: 1, bytes: scalar.length) }
        try add(node, mark)
    }

    private mutating func alias(_ name: UnsafeMutablePointer<yaml_char_t>?, _ mark: yaml_mark_t) throws(YAMLError) {
        aliasCount += 1
        guard aliasCount <= limits.aliases else {
            throw YAMLDocument.error("more than \(limits.aliases) aliases", at: mark)
        }
        // A collection has its name when it is whole: none holds itself.
        guard let anchored = anchors[try text(name, mark)] else {
            throw YAMLDocument.error("an alias without its anchor before it", at: mark)
        }
        try count(nodes: anchored.nodes, bytes: anchored.bytes, mark)
        try add(anchored.node, mark)
    }

    private mutating func begin(
        _ content: YAMLNode.Content, _ name: UnsafeMutablePointer<yaml_char_t>?, _ mark: yaml_mark_t
    ) throws(YAMLError) {
        guard open.count < limits.depth else {
            throw YAMLDocument.error("nested too deep: more than \(limits.depth) levels", at: mark)
        }
        if let parent = open.last, case .mapping = parent.content, parent.key == nil { throw keyError(mark) }
        let name = try anchor(name, mark)
        // An alias within it means what had the name before; YAML has it mean the whole, which nothing could hold.
        if let name { anchors[name] = nil }
        let (before, bytesBefore) = (nodes, bytes)
        try count(nodes: 1, bytes: 0, mark)
        open.append(Open(content: content, anchor: name, mark: mark, nodes: before, bytes: bytesBefore))
    }

    private mutating func end(_ mark: yaml_mark_t) throws(YAMLError) {
        guard let closed = open.popLast() else { throw YAMLDocument.error("it cannot be read", at: mark) }
        let node = node(closed.content, closed.mark)
        if let name = closed.anchor {
            anchors[name] = Anchored(node: node, nodes: nodes - closed.nodes, bytes: bytes - closed.bytes)
        }
        try add(node, closed.mark)
    }

    /// Puts a whole node where it belongs.
    private mutating func add(_ node: YAMLNode, _ mark: yaml_mark_t) throws(YAMLError) {
        guard !open.isEmpty else {
            root = node
            return
        }
        try open[open.count - 1].add(node, orKeyError: keyError(mark))
    }

    private mutating func count(nodes more: Int, bytes length: Int, _ mark: yaml_mark_t) throws(YAMLError) {
        guard more <= limits.nodes - nodes else {
            throw YAMLDocument.error("too large: more than \(limits.nodes) values, aliases resolved", at: mark)
        }
        guard length <= limits.bytes - bytes else {
            throw YAMLDocument.error("too large: more than \(limits.bytes) bytes of text, aliases resolved", at: mark)
        }
        nodes += more
        bytes += length
    }

    /// The name that a node is given; nil without one.
    private mutating func anchor(
        _ name: UnsafeMutablePointer<yaml_char_t>?, _ mark: yaml_mark_t
    ) throws(YAMLError) -> [UInt8]? {
        guard let name else { return nil }
        anchorCount += 1
        guard anchorCount <= limits.anchors else {
            throw YAMLDocument.error("more than \(limits.anchors) anchors", at: mark)
        }
        return try text(name, mark)
    }

    private func text(_ name: UnsafeMutablePointer<yaml_char_t>?, _ mark: yaml_mark_t) throws(YAMLError) -> [UInt8] {
        var bytes: [UInt8] = []
        guard var next = name else { return bytes }
        while next.pointee != 0 {
            guard bytes.count < limits.anchorLength else {
                throw YAMLDocument.error("an anchor's name of more than \(limits.anchorLength) bytes", at: mark)
            }
            bytes.append(next.pointee)
            next += 1
        }
        return bytes
    }

    private func node(_ content: YAMLNode.Content, _ mark: yaml_mark_t) -> YAMLNode {
        YAMLNode(content: content, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    private func keyError(_ mark: yaml_mark_t) -> YAMLError { YAMLDocument.error("a key must be a text", at: mark) }
}

extension YAMLComposer.Open {
    /// - Parameter error: for a key that is no text.
    fileprivate mutating func add(_ node: YAMLNode, orKeyError error: YAMLError) throws(YAMLError) {
        switch content {
        case .scalar: return
        case .sequence(var elements):
            // Not held twice, so that it is not copied for each element.
            content = .sequence([])
            elements.append(node)
            content = .sequence(elements)
        case .mapping(var members):
            guard let key else {
                guard node.text != nil else { throw error }
                self.key = node
                return
            }
            content = .mapping([])
            members.append((key: key, value: node))
            content = .mapping(members)
            self.key = nil
        }
    }
}
