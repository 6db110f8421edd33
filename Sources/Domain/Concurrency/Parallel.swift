/// Does `work` for each element, at most `limit` at a time, and waits for all. The errors, in no order.
func forEach<Element: Sendable>(
    _ elements: [Element], atMost limit: Int, _ work: @escaping @Sendable (Element) async throws(DomainError) -> Void
) async -> [DomainError] {
    await withTaskGroup(of: DomainError?.self) { group in
        var errors: [DomainError] = []
        var rest = elements[...]
        func startNext() {
            guard let element = rest.popFirst() else { return }
            group.addTask {
                do throws(DomainError) {
                    try await work(element)
                    return nil
                } catch {
                    return error
                }
            }
        }
        for _ in 0..<max(1, limit) { startNext() }
        while let outcome = await group.next() {
            if let error = outcome { errors.append(error) }
            startNext()
        }
        return errors
    }
}
