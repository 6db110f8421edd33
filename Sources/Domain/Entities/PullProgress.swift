/// How far the pull of an image is.
package struct PullProgress: Equatable, Sendable {
    package enum Phase: String, Sendable {
        case resolving, downloading, unpacking
    }

    package var phase: Phase
    /// Downloaded so far, compressed.
    package var bytes: UInt64 = 0
    /// To download; 0: not known.
    package var totalBytes: UInt64 = 0
    /// Unpacked so far.
    package var layers: UInt32 = 0
    /// To unpack; 0: not known.
    package var totalLayers: UInt32 = 0

    package init(_ phase: Phase) { self.phase = phase }
}
