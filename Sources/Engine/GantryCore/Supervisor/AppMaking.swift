/// What an app waits for that is being made: its container, by the runtime, and its record, beside each other.
final class AppMaking {
    /// Whether the container is made, or known to be none.
    var isContainerOver = false
    /// Whether the record is written, and the addition answered.
    var isRecorded = false
    /// Ends the runtime for the reason that is given.
    var giveUpContainer: ((EngineError) -> Void)?
    /// What is done when both are over, if the app is not to stay.
    var takeBack: (() -> Void)?
}
