import ByteText

extension PodID {
    /// So many digits of it are in the name of the pod's unit: those that `crictl pods` prints, so that a list of units has room for what the
    /// pod is called.
    package static let unitDigits = 12

    /// The name of the pod's unit, which whoever knows the id knows.
    ///
    /// - Parameter prefix: what the units of pods begin with.
    package func unitName(prefix: String) -> String { "\(prefix)\(rawValue.shortened(to: Self.unitDigits)).service" }
}
