import Synchronization

/// One kind of list, encoded once per change: a kubelet asks for the same thousand items every second.
///
/// An item is encoded when it is new or looks different, the whole list is put together when anything changed. Who comes
/// while that is done waits for it instead of doing it, too.
final class EncodedList<Element: ListItem>: Sendable {
    private struct Item {
        var element: Element
        var bytes: [UInt8]
    }

    private struct State {
        /// The index's version that was read before `items` was brought up to date.
        var version: UInt64?
        var items: [Element.ID: Item] = [:]
        var order: [Element.ID] = []
        var whole: EncodedMessage?
    }

    private let state = Mutex(State())

    /// All items in one message.
    ///
    /// - Parameters:
    ///   - version: of the index, read before.
    ///   - elements: reads the list; called when the version is another one.
    func whole(version: UInt64, _ elements: () -> [Element]) throws -> EncodedMessage {
        try state.withLock { state in
            try refresh(&state, version, elements)
            if let whole = state.whole { return whole }
            let whole = Self.message(state.order.compactMap { state.items[$0]?.bytes })
            state.whole = whole
            return whole
        }
    }

    /// The pieces that make a message of some of the items.
    ///
    /// - Parameters:
    ///   - selected: read after `version`.
    ///   - elements: reads the whole list.
    func pieces(of selected: [Element], version: UInt64, _ elements: () -> [Element]) throws -> [[UInt8]] {
        try state.withLock { state in
            try refresh(&state, version, elements)
            return try selected.map { element in
                if let item = state.items[element.id], item.element.looks(like: element) { return item.bytes }
                return try element.encoded()
            }
        }
    }

    /// Items one after the other are the list's message.
    static func message(_ pieces: some Sequence<[UInt8]>) -> EncodedMessage {
        let pieces = Array(pieces)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { bytes.append(contentsOf: piece) }
        return EncodedMessage(bytes: bytes)
    }

    /// Versions only rise: a call that was overtaken gets the newer list.
    private func refresh(_ state: inout State, _ version: UInt64, _ elements: () -> [Element]) throws {
        if let known = state.version, known >= version { return }
        let elements = elements()
        var items: [Element.ID: Item] = Dictionary(minimumCapacity: elements.count)
        for element in elements {
            if let item = state.items[element.id], item.element.looks(like: element) {
                items[element.id] = item
            } else {
                items[element.id] = Item(element: element, bytes: try element.encoded())
            }
        }
        state = State(version: version, items: items, order: elements.map(\.id))
    }
}
