import CYAML

/// Reads YAML with libyaml.
package enum YAMLDocument {
    /// How much a document may hold. Aliases make a small text a huge value ("billion laughs"): what counts is the value.
    package struct Limits: Sendable {
        package var nodes = 100_000
        package var depth = 512

        package init() {}
    }

    /// The one document of a text; nil where there is none.
    ///
    /// - Throws: ``YAMLError`` for what is not YAML, for a second document and beyond the limits.
    package static func read(
        _ text: some Sequence<UInt8>, limits: Limits = Limits()
    ) throws(YAMLError) -> YAMLNode? {
        let bytes = Array(text)
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw YAMLError(message: "no memory for it", line: 1, column: 1)
        }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        let result: Result<YAMLNode?, YAMLError> = bytes.withUnsafeBufferPointer { bytes in
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            do throws(YAMLError) {
                return .success(try read(&parser, limits))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func read(_ parser: inout yaml_parser_t, _ limits: Limits) throws(YAMLError) -> YAMLNode? {
        var document = try load(&parser)
        defer { yaml_document_delete(&document) }
        guard let root = yaml_document_get_root_node(&document) else { return nil }
        var rest = limits.nodes
        let node = try node(root, in: &document, depth: limits.depth, rest: &rest)
        var second = try load(&parser)
        defer { yaml_document_delete(&second) }
        if let more = yaml_document_get_root_node(&second) {
            throw error("a second document; one is all that is read", at: more.pointee.start_mark)
        }
        return node
    }

    private static func load(_ parser: inout yaml_parser_t) throws(YAMLError) -> yaml_document_t {
        var document = yaml_document_t()
        guard yaml_parser_load(&parser, &document) == 1 else {
            let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
            throw error(problem, at: parser.problem_mark)
        }
        return document
    }

    private static func node(
        _ pointer: UnsafeMutablePointer<yaml_node_t>, in document: inout yaml_document_t, depth: Int, rest: inout Int
    ) throws(YAMLError) -> YAMLNode {
        let node = pointer.pointee
        rest -= 1
        guard rest >= 0 else { throw error("too large once its aliases are resolved", at: node.start_mark) }
        guard depth > 0 else { throw error("nested too deep", at: node.start_mark) }
        let content: YAMLNode.Content
        switch node.type {
        case YAML_SCALAR_NODE:
            let scalar = node.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            content = .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_NODE:
            let items = node.data.sequence.items
            var elements: [YAMLNode] = []
            for item in UnsafeBufferPointer(start: items.start, count: items.top - items.start) {
                elements.append(try self.node(item, node, &document, depth, &rest))
            }
            content = .sequence(elements)
        default:
            let pairs = node.data.mapping.pairs
            var members: [(key: YAMLNode, value: YAMLNode)] = []
            for pair in UnsafeBufferPointer(start: pairs.start, count: pairs.top - pairs.start) {
                let key = try self.node(pair.key, node, &document, depth, &rest)
                members.append((key, try self.node(pair.value, node, &document, depth, &rest)))
            }
            content = .mapping(members)
        }
        return YAMLNode(
            content: content, line: Int(node.start_mark.line) + 1, column: Int(node.start_mark.column) + 1)
    }

    /// The node of a number in the document, below another.
    private static func node(
        _ number: Int32, _ parent: yaml_node_t, _ document: inout yaml_document_t, _ depth: Int, _ rest: inout Int
    ) throws(YAMLError) -> YAMLNode {
        guard let pointer = yaml_document_get_node(&document, number) else {
            throw error("an alias without its anchor", at: parent.start_mark)
        }
        return try node(pointer, in: &document, depth: depth - 1, rest: &rest)
    }

    private static func error(_ message: String, at mark: yaml_mark_t) -> YAMLError {
        YAMLError(message: message, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
