/// A configuration whose digest was checked.
struct VerifiedConfig: Sendable {
    let bytes: [UInt8]
    let config: ImageConfig
}
