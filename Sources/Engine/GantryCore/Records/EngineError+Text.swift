import ByteText

extension EngineError.Code {
    /// What another program's words say of a full disk, which it has no other way to tell; `otherwise` for all else.
    package static func ofText(_ text: String, otherwise: EngineError.Code) -> EngineError.Code {
        let lower = text.lowercasedASCII
        return lower.has(text: "no space left on device") || lower.has(text: "disk quota exceeded")
            ? .exhausted : otherwise
    }
}
