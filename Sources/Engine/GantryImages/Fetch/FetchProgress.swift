/// How far a fetch is.
package struct FetchProgress: Equatable, Sendable {
    package enum Phase: String, Sendable {
        case resolving, downloading, unpacking
    }

    package var phase: Phase
    /// Bytes downloaded so far, of those to download; compressed.
    package var bytes: Int64 = 0
    package var totalBytes: Int64 = 0
    /// Layers unpacked so far, of those to unpack.
    package var layers = 0
    package var totalLayers = 0
}
