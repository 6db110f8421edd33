import Domain
import JSON

extension PullProgress {
    /// A line that `image fetch --progress` writes to stderr; nil for any other.
    init?(engineLine line: [UInt8]) {
        guard line.starts(with: "{\"progress\"".utf8), let fields = (try? JSON(parsing: line))?["progress"],
            let phase = fields["phase"]?.stringValue.flatMap(Phase.init(rawValue:))
        else { return nil }
        self.init(phase)
        bytes = UInt64(clamping: fields["bytes"]?.int64Value ?? 0)
        totalBytes = UInt64(clamping: fields["total_bytes"]?.int64Value ?? 0)
        layers = UInt32(clamping: fields["layers"]?.int64Value ?? 0)
        totalLayers = UInt32(clamping: fields["total_layers"]?.int64Value ?? 0)
    }
}
