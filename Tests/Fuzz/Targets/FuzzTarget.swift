import Glibc

/// A reader of foreign bytes, as the fuzzer and the replay of the corpora call it.
struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Of its folder in Tests/Fuzz/Corpus too.
    let name: String
    /// Bytes of one input; what needs more to go wrong is the business of tests of bounds.
    let longest: Int
    /// Reads the input every way there is.
    /// - Throws: a ``Finding`` where a promise is broken. What is wrong with the input is no finding: refusing it is right.
    let run: @Sendable ([UInt8]) throws -> Void

    var description: String { name }

    init(_ name: String, longest: Int = 4096, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.longest = longest
        self.run = run
    }

    static let all: [FuzzTarget] = [
        .references, .images, .json, .yaml, .users, .cni, .events, .logs, .kernel, .http2, .messages, .headers,
        .archives, .layers, .checkpoints,
        .targets, .bodies, .messagesOfCRI, .spdy, .websocket,
    ]
}

/// A promise that an input has broken.
struct Finding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// - Throws: a ``Finding`` unless the promise holds.
func promise(_ isKept: Bool, _ what: @autoclosure () -> String) throws {
    if !isKept { throw Finding(what()) }
}

/// The trap that every target has deep inside: armed by `RKTLET_FUZZ_TRAP=1`, it proves that the fuzzer gets there (`make fuzz-selftest`).
enum PlantedTrap {
    private static let isArmed = getenv("RKTLET_FUZZ_TRAP").map { strcmp($0, "1") == 0 } ?? false

    /// - Parameter isReached: what an input has to be like; only asked for when the trap is armed.
    static func here(_ isReached: @autoclosure () -> Bool) {
        if isArmed, isReached() { fatalError("the planted trap") }
    }

    /// Compares the bytes one by one: each that is right is a step of its own, which the fuzzer sees and goes on from.
    static func here(_ bytes: @autoclosure () -> some Collection<UInt8>, beginsWith word: StaticString) {
        guard isArmed else { return }
        var rest = bytes()[...]
        for index in 0..<word.utf8CodeUnitCount {
            guard let byte = rest.popFirst(), byte == word.utf8Start[index] else { return }
        }
        fatalError("the planted trap")
    }
}
