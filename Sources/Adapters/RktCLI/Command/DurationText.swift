extension Duration {
    /// As the engine reads it: `1500ms`. Never negative.
    var engineText: String {
        let (seconds, attoseconds) = max(self, .zero).components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}
