import ByteText

/// Lines of words under headings, each column as wide as its widest word.
///
/// Names come from whoever made the pod: a terminal only shows them.
struct TextTable {
    private var rows: [[String]]

    init(_ headings: [String]) { rows = [headings] }

    mutating func add(_ row: [String]) { rows.append(row.map(\.forTerminal)) }

    func text() -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, word) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? word : word + String(repeating: " ", count: widths[column] - word.count + 2)
            }
            return line + "\n"
        }.joined()
    }
}
