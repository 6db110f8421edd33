/// One line of systemd's unit list.
package struct UnitSummary: Hashable, Sendable {
    package let name: String
    package let description: String
    /// `loaded`, `not-found`, …
    package let loadState: String
    /// `active`, `activating`, `deactivating`, `inactive`, `failed`, …
    package let activeState: String
    /// `running`, `exited`, `start`, `stop-post`, …
    package let subState: String
}

/// What systemd knows of one service unit.
package struct UnitState: Hashable, Sendable {
    package let name: String
    package let activeState: String
    package let subState: String
    /// `success`, `exit-code`, `signal`, `timeout`, `oom-kill`, `start-limit-hit`, …
    package let result: String
    /// The main process's exit code, or its signal's number; see `mainCode`.
    package let mainStatus: Int32
    /// CLD_EXITED (1), CLD_KILLED (2), CLD_DUMPED (3); 0 while it has not ended.
    package let mainCode: Int32
    /// 0 when there is none.
    package let mainPID: UInt32
    /// Below the root of the hierarchy; empty when the unit has none.
    package let controlGroup: String
    /// Hexadecimal; empty when the unit never ran.
    package let invocationID: String
}
