import Domain

/// One promise of the ports, which every implementation keeps.
package struct ContractCase: Sendable, CustomStringConvertible {
    package let description: String
    /// Throws what the implementation did instead.
    package let check: @Sendable (ContractNode) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (ContractNode) async throws -> Void) {
        self.description = description
        self.check = check
    }
}

/// A promise that was not kept.
package struct ContractViolation: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// - Throws: `ContractViolation` unless the condition holds.
func expect(_ condition: Bool, _ what: @autoclosure () -> String, line: Int = #line) throws {
    if !condition { throw ContractViolation("\(what()) (line \(line))") }
}

/// - Throws: `ContractViolation` unless `body` throws an error of the domain with this code.
func expectError(_ code: DomainError.Code, _ what: String, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as DomainError {
        try expect(error.code == code, "\(what): \(error) instead of \(code)")
        return
    }
    throw ContractViolation("\(what): no error instead of \(code)")
}
