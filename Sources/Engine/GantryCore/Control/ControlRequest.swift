import JSON

/// A request that arrived, and how it is answered.
package final class ControlRequest {
    package let body: JSON
    package private(set) var descriptors: [Descriptor]
    /// Called once when the client goes away before it is answered.
    package var onCancel: (() -> Void)?

    private let send: (JSON, [Int32], _ isLast: Bool) -> Void
    package private(set) var isAnswered = false

    package init(body: JSON, descriptors: [Descriptor], send: @escaping (JSON, [Int32], Bool) -> Void) {
        self.body = body
        self.descriptors = descriptors
        self.send = send
    }

    package var operation: String { body["op"]?.stringValue ?? "" }

    package func string(_ key: String) throws(EngineError) -> String {
        guard let value = body[key]?.stringValue else {
            throw EngineError(.invalid, "control request \(operation): \"\(key)\" must be a string")
        }
        return value
    }

    /// The last message of the connection.
    package func answer(_ response: JSON) {
        guard !isAnswered else { return }
        isAnswered = true
        onCancel = nil
        descriptors = []
        send(response, [], true)
    }

    package func succeed(_ members: [String: JSON] = [:]) { answer(ControlProtocol.success(members)) }

    /// `not-found` means a pod or an app that is not there. An addition is of one that is not there yet: what it lacks is something else.
    package func fail(_ error: EngineError) {
        let isMisleading = error.code == .notFound && operation == "app-add"
        answer(ControlProtocol.failure(isMisleading ? EngineError(.invalid, error.message) : error))
    }

    /// A message before the last one.
    package func tell(_ message: JSON, descriptors: [Int32] = []) {
        guard !isAnswered else { return }
        send(message, descriptors, false)
    }

    /// Gives up the descriptors that came along, which are then closed.
    package func releaseDescriptors() { descriptors = [] }

    func cancel() {
        guard !isAnswered else { return }
        isAnswered = true
        descriptors = []
        let cancelled = onCancel
        onCancel = nil
        cancelled?()
    }
}
