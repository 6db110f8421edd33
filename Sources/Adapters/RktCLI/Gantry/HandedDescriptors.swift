import Domain
import Glibc
import JSON

/// The descriptors of a message, by the names that it gives them. Those that nobody takes are closed.
struct HandedDescriptors: ~Copyable {
    private var named: [String: Int32] = [:]

    init(_ message: HandoverSocket.Message, about object: String) throws(DomainError) {
        let names = (message.body["descriptors"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !names.isEmpty, names.count == message.descriptors.count, Set(names).count == names.count else {
            for descriptor in message.descriptors { close(descriptor) }
            throw DomainError(.internal, "\(object): the engine's session is not what its documentation says")
        }
        named = Dictionary(uniqueKeysWithValues: zip(names, message.descriptors))
    }

    deinit { for descriptor in named.values { close(descriptor) } }

    /// The taker closes it.
    mutating func take(_ name: String) -> Int32? { named.removeValue(forKey: name) }
}
