import ByteText

/// Numbers of processors or memory nodes, as `0-3,7` (cpuset(7), "List format").
struct CPUList: Equatable, Sendable {
    private(set) var numbers: Set<UInt16> = []

    /// Nil for what is no such list.
    init?(_ text: String) {
        for part in text.trimmed.pieces(at: ",") {
            let ends = part.pieces(at: "-").map { UInt16(digits: $0) }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last else {
                return nil
            }
            numbers.formUnion(first...last)
        }
    }

    func subtracting(_ other: CPUList) -> [UInt16] { numbers.subtracting(other.numbers).sorted() }
}
