import JSON

/// A request that arrived, and how it is answered.
package final class ControlRequest {
    package private(set) var body: JSON
    package let operation: String
    package private(set) var descriptors: [Descriptor]
    /// Called once when the client goes away before it is answered.
    package var onCancel: (() -> Void)?

    /// Lets go of a large body beside the loop; nil for a small one.
    var discard: ((JSON) -> Void)?

    private let send: ([UInt8], [Int32], _ isLast: Bool) -> Void
    package private(set) var isAnswered = false

    package init(body: JSON, descriptors: [Descriptor], send: @escaping ([UInt8], [Int32], Bool) -> Void) {
        self.body = body
        operation = body["op"]?.stringValue ?? ""
        self.descriptors = descriptors
        self.send = send
    }

    package func string(_ key: String) throws(EngineError) -> String {
        guard let value = body[key]?.stringValue else {
            throw EngineError(.invalid, "control request \(operation): \"\(key)\" must be a string")
        }
        return value
    }

    /// Gives the body away: what may be large in it is taken apart beside the loop.
    package func takeBody() -> JSON {
        let taken = body
        body = .null
        return taken
    }

    /// The last message of the connection.
    package func answer(_ response: JSON) { answer(frame: ControlProtocol.frame(response)) }

    /// The same, put together already.
    package func answer(frame: [UInt8]) {
        guard !isAnswered else { return }
        settle()
        send(frame, [], true)
    }

    private func settle() {
        isAnswered = true
        onCancel = nil
        descriptors = []
        let body = takeBody()
        discard?(body)
        discard = nil
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
        send(ControlProtocol.frame(message), descriptors, false)
    }

    /// Gives up the descriptors that came along, which are then closed.
    package func releaseDescriptors() { descriptors = [] }

    func cancel() {
        guard !isAnswered else { return }
        let cancelled = onCancel
        settle()
        cancelled?()
    }
}
