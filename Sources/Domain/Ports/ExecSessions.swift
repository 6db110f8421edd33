/// Commands in running containers.
package protocol ExecSessions: Sendable {
    /// Runs a command with the container's own user, capabilities, seccomp, cgroup, environment and working directory.
    ///
    /// - Parameters:
    ///   - timeout: nil for none; past it the whole process tree is dead and the error is `deadlineExceeded`.
    ///   - outputLimit: bytes of stdout and stderr together; the rest is read and dropped.
    func execSync(
        _ command: [String], in container: ContainerID, of pod: PodID, timeout: Duration?, outputLimit: Int
    ) async throws(DomainError) -> ExecResult
}

package struct ExecResult: Hashable, Sendable {
    package var stdout: [UInt8]
    package var stderr: [UInt8]
    /// The command's own code, or 128 + the signal's number.
    package var exitCode: Int32
    package init(stdout: [UInt8], stderr: [UInt8], exitCode: Int32) {
        self.stdout = stdout
        self.stderr = stderr
        self.exitCode = exitCode
    }
}
