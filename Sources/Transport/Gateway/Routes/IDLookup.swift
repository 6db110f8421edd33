import ByteText
import CallRecords
import Domain
import RequestSyntax

/// Finds what an id, or the beginning of one, means.
///
/// A whole id is passed on as it is, also when nothing has it: whether that is an error is the use-case's to say, as with the CRI (stopping
/// and removing what is not there has succeeded).
struct IDLookup: Sendable {
    private static let mostCandidates = 20

    let useCases: UseCases

    func pod(_ text: String) throws -> PodID {
        let id = try anyPod(text)
        RecordedCall.current?.concerns(pod: id.rawValue)
        return id
    }

    /// Also one that is gone, and also by its `namespace/name`: then the newest that was called so.
    func everyPod(_ text: String) async throws -> PodID {
        if let id = PodID(text) { return id }
        if text.has("/") {
            guard let id = await useCases.podStory.newestPod(called: text) else {
                throw DomainError(.notFound, "nothing is known of a pod called \(text.quotedForMessage)")
            }
            return id
        }
        let matches = Self.isPrefix(text) ? try await useCases.podStory.pods(beginningWith: text) : []
        return try only(matches, "pod", text, id: \.self) { _ in "" }
    }

    private func anyPod(_ text: String) throws -> PodID {
        if let id = PodID(text) { return id }
        let matches =
            Self.isPrefix(text) ? useCases.listPodSandboxes().filter { $0.id.rawValue.begins(with: text) } : []
        return try only(matches, "pod", text, id: \.id) { "\($0.config.metadata.namespace)/\($0.config.metadata.name)" }
    }

    func container(_ text: String) throws -> ContainerID {
        let id = try anyContainer(text)
        RecordedCall.current?.concerns(container: id.rawValue)
        return id
    }

    private func anyContainer(_ text: String) throws -> ContainerID {
        if let id = ContainerID(text) { return id }
        let matches = Self.isPrefix(text) ? useCases.listContainers().filter { $0.id.rawValue.begins(with: text) } : []
        return try only(matches, "container", text, id: \.id) { $0.config.metadata.name }
    }

    /// An image by its id, the beginning of it (with or without `sha256:`), or a reference.
    ///
    /// - Returns: what the image store knows it by.
    func image(_ text: String) async throws -> String {
        let algorithm = "sha256:"
        let digits = text.without(prefix: algorithm).map(String.init) ?? text
        guard Self.isPrefix(digits), digits.utf8.count < 64 else {
            return digits.utf8.count == 64 && Self.isHex(digits) ? algorithm + digits : text
        }
        let matches = try await useCases.listImages().filter { $0.id.rawValue.begins(with: algorithm + digits) }
        // `deadbeef` may also be somebody's image.
        if matches.isEmpty, !text.begins(with: algorithm) { return text }
        return try only(matches, "image", text, id: \.id) { $0.repoTags.first ?? "" }.rawValue
    }

    private func only<Element, ID: CustomStringConvertible>(
        _ matches: [Element], _ what: String, _ text: String, id: (Element) -> ID, name: (Element) -> String
    ) throws -> ID {
        guard let first = matches.first else {
            throw DomainError(.notFound, "\(what) \(text.quotedForMessage) does not exist")
        }
        guard matches.count > 1 else { return id(first) }
        var problem = Problem(
            .conflict, code: "ambiguous",
            "\(text.quotedForMessage) is the beginning of \(matches.count) \(what) ids; write more of it")
        problem.candidates = matches.map { Problem.Candidate(id: id($0).description, name: name($0)) }
            .sorted { $0.id < $1.id }.prefix(Self.mostCandidates).map { $0 }
        throw problem
    }

    private static func isPrefix(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= 64 && isHex(text) }

    private static func isHex(_ text: String) -> Bool {
        text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
