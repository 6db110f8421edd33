import Domain

/// What a number of a request must be.
extension FieldPath {
    package func number<Value: FixedWidthInteger>(
        _ value: Value, in range: ClosedRange<Value>
    ) throws(DomainError) -> Value {
        guard range.contains(value) else {
            throw invalid("\(value) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    /// A user or group id as Linux has them; the highest one means "none" there.
    package func userOrGroupID(_ value: Int64) throws(DomainError) -> Int64 {
        try number(value, in: 0...UserText.highestID)
    }

    /// The name of a user, or `user:group`, where digits are an id and have to be one that there is.
    package func username(_ value: String) throws(DomainError) -> String {
        let name = try word(value)
        try atMost(Self.longestName, name)
        let (user, group) = UserText.parts(name)
        for case .beyondIDs(let digits)? in [user, group] {
            throw invalid("\(digits.quotedForMessage) is not an id: they go from 0 to \(UserText.highestID)")
        }
        return name
    }

    /// Seconds as a duration. Beyond a hundred years it is a hundred years, so that adding it to a clock cannot
    /// overflow.
    package func seconds(_ value: Int64) throws(DomainError) -> Duration {
        guard value >= 0 else { throw invalid("\(value) seconds: a timeout cannot be negative") }
        return .seconds(min(value, 100 * 365 * 86_400))
    }
}
