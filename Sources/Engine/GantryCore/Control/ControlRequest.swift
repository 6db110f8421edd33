import JSON

/// A request that arrived, and how it is answered.
package final class ControlRequest {
    package private(set) var body: JSON
    package let operation: String
    /// Called once, when it is answered or its client is gone.
    var onSettled: (() -> Void)?
    package private(set) var descriptors: [Descriptor]
    /// Called once when the client goes away before it is answered.
    package var onCancel: (() -> Void)?
    /// Called once, after the answer: whether the client has read it, known when the client is gone. Without this the connection is closed behind
    /// the answer.
    var onHeard: ((Bool) -> Void)?

    /// Lets go of a large body beside the loop; nil for a small one.
    var discard: ((JSON) -> Void)?

    private let send: ([UInt8], [Int32], _ isLast: Bool) -> Void
    package private(set) var isAnswered = false
    /// Whether the client went away before it was answered.
    package private(set) var isCancelled = false

    package init(body: JSON, descriptors: [Descriptor], send: @escaping ([UInt8], [Int32], Bool) -> Void) {
        self.body = body
        operation = body["op"]?.stringValue ?? ""
        self.descriptors = descriptors
        self.send = send
    }

    // MARK: Members

    /// A member that may be left out; `null` counts as absent.
    private func member(_ key: String) -> JSON? {
        guard let value = body[key], value != .null else { return nil }
        return value
    }

    func invalid(_ key: String, _ problem: String) -> EngineError {
        EngineError(.invalid, "control request\(operation.isEmpty ? "" : " \(operation)"): \"\(key)\" \(problem)")
    }

    package func string(_ key: String) throws(EngineError) -> String {
        guard let value = try optionalString(key) else { throw invalid(key, "must be a string") }
        return value
    }

    package func optionalString(_ key: String) throws(EngineError) -> String? {
        guard let value = member(key) else { return nil }
        guard let text = value.stringValue else { throw invalid(key, "must be a string") }
        return text
    }

    /// Absent: false.
    func bool(_ key: String) throws(EngineError) -> Bool {
        guard let value = member(key) else { return false }
        guard let flag = value.boolValue else { throw invalid(key, "must be true or false") }
        return flag
    }

    func optionalInteger(_ key: String) throws(EngineError) -> Int64? {
        guard let value = member(key) else { return nil }
        guard case .integer(let number) = value else { throw invalid(key, "must be a whole number") }
        return number
    }

    /// Of a number of milliseconds that may be left out, in nanoseconds.
    /// - Throws: for what is no time: taken for none, it would be a time without an end.
    func nanoseconds(_ key: String) throws(EngineError) -> Int64? {
        guard let value = member(key) else { return nil }
        guard case .integer(let milliseconds) = value, (0...Int64.max / 1_000_000).contains(milliseconds) else {
            throw invalid(key, "must be a whole number from 0 to \(Int64.max / 1_000_000)")
        }
        return milliseconds * 1_000_000
    }

    func optionalObject(_ key: String) throws(EngineError) -> JSON? {
        guard let value = member(key) else { return nil }
        guard value.objectValue != nil else { throw invalid(key, "must be an object") }
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
        let settled = onSettled
        onSettled = nil
        defer { settled?() }
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

    /// The connection is over.
    func end(isHeard: Bool) {
        guard isAnswered else { return cancel() }
        let heard = onHeard
        onHeard = nil
        heard?(isHeard)
    }

    func cancel() {
        let cancelled = onCancel
        isCancelled = true
        onHeard = nil
        settle()
        cancelled?()
    }
}
