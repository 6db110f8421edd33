/// Returns once the condition holds; each look at it lets other tasks run.
///
/// - Parameters:
///   - what: what is waited for, as the failure says it.
///   - limit: long enough for a busy machine: it is there so that what never comes is named and ends.
/// - Throws: ``NotInTime``, and what the condition throws.
package func until(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(60),
    isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NotInTime(description: "\(what()): not within \(limit)") }
        await Task.yield()
    }
}

/// What was waited for, and for how long.
package struct NotInTime: Error, CustomStringConvertible {
    package let description: String
}
