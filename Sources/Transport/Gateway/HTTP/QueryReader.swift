import ByteText
import Domain
import RequestSyntax

/// The query of a request: every parameter is asked for by name; one that nobody knows is refused.
struct QueryReader {
    /// The longest text of a parameter, in characters as JSON Schema counts them (Unicode scalars).
    private static let longest = 1_024

    private var values: [String: [String]] = [:]

    /// - Throws: `invalidArgument` for bad escapes and for what is not known.
    init(_ query: String?, known: Set<String>) throws(DomainError) {
        for pair in (query ?? "").words(at: "&") {
            let halves = pair.pieces(at: "=", maxPieces: 2)
            guard let name = PercentText.decode(halves[0], plus: true),
                let value = PercentText.decode(halves.count > 1 ? halves[1] : "", plus: true)
            else { throw DomainError(.invalidArgument, "the query has a bad escape") }
            guard value.unicodeScalars.count <= Self.longest else {
                throw DomainError(
                    .invalidArgument,
                    "\(name.quotedForMessage): has more than \(Self.longest) characters")
            }
            guard known.contains(name) else {
                let names =
                    known.isEmpty ? "there are none here" : "there are \(known.sorted().joined(separator: ", "))"
                throw DomainError(.invalidArgument, "unknown parameter \(name.quotedForMessage); \(names)")
            }
            values[name, default: []].append(value)
        }
    }

    /// There is no parameter at all.
    var isEmpty: Bool { values.isEmpty }

    /// Nil when it is not given.
    ///
    /// - Throws: `invalidArgument` when it is given twice.
    func text(_ name: String) throws(DomainError) -> String? {
        guard let all = values[name] else { return nil }
        guard all.count == 1, let value = all.first else {
            throw DomainError(.invalidArgument, "\(name): is given \(all.count) times")
        }
        return value
    }

    /// What a list is to be narrowed to; nil for an empty text too, which narrows nothing, as in the CRI's filters.
    func filter(_ name: String) throws(DomainError) -> String? {
        guard let text = try text(name), !text.isEmpty else { return nil }
        return text
    }

    /// ``filter(_:)``, by the name of an object.
    func nameFilter(_ name: String) throws(DomainError) -> String? {
        guard let text = try filter(name) else { return nil }
        return try FieldPath(name).name(text)
    }

    /// `true`, `false`, or nothing, which is true.
    func flag(_ name: String) throws(DomainError) -> Bool {
        switch try text(name) {
        case nil, "false"?, "0"?: return false
        case "true"?, "1"?, ""?: return true
        case let other?:
            throw DomainError(.invalidArgument, "\(name): \(other.quotedForMessage) is neither true nor false")
        }
    }

    func number(_ name: String, in range: ClosedRange<Int64>) throws(DomainError) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let value = Int64(decimal: text), range.contains(value) else {
            throw DomainError(
                .invalidArgument,
                "\(name): \(text.quotedForMessage) is no whole number between \(range.lowerBound) and \(range.upperBound)"
            )
        }
        return value
    }

    /// - Parameter words: what is allowed, and what it means.
    func choice<Value>(_ name: String, _ words: KeyValuePairs<String, Value>) throws(DomainError) -> Value? {
        guard let text = try text(name) else { return nil }
        guard let found = words.first(where: { $0.key == text }) else {
            let known = words.map(\.key).joined(separator: ", ")
            throw DomainError(.invalidArgument, "\(name): \(text.quotedForMessage) is none of \(known)")
        }
        return found.value
    }

    /// `labelSelector=app=web,tier!=back`, also more than once: all of them must hold.
    func labels(_ name: String) throws(DomainError) -> LabelSelector {
        var selector = LabelSelector()
        for value in values[name] ?? [] {
            guard let part = LabelSelector(value) else {
                throw DomainError(
                    .invalidArgument,
                    "\(name): \(value.quotedForMessage) is no label selector, such as app=web,tier!=back,zone in (a,b),!old"
                )
            }
            selector.add(part)
        }
        return selector
    }
}
