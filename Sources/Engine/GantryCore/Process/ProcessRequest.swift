import CGantry
import Glibc

/// A process to be started: nothing of the supervisor's environment or descriptors reaches it unless it is named here.
package struct ProcessRequest {
    package var executable: String
    /// Executed instead of what is at `executable` by now.
    package var binary: Descriptor?
    /// With the name as the first.
    package var arguments: [String]
    /// `KEY=VALUE`.
    package var environment: [String]
    /// What becomes descriptors 0, 1, 2 and on; nil is an empty file in memory. Never a device or a file of the host: crun makes the
    /// standard streams that it is given the property of the container's user.
    package var descriptors: [Int32?]
    /// In a process group of its own, so that it can be killed with its children.
    package var leadsGroup = false
    /// Never the caller's own, which may keep the kernel away from it.
    package var oomScore = OOMScore.ordinary

    package init(
        _ executable: String, _ arguments: [String], environment: [String] = ProcessRequest.plainEnvironment,
        descriptors: [Int32?] = [nil, nil, nil]
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
    }

    package static let searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    package static let plainEnvironment = [searchPath, "LANG=C.UTF-8"]

    /// Starts it; whoever calls reaps it.
    /// - Throws: also where the executable cannot be executed.
    package func spawn() throws(EngineError) -> pid_t {
        let nothing = descriptors.contains(nil) ? try Descriptor(gantry_memory_file(nil, 0), "make a memory file") : nil
        defer { withExtendedLifetime((nothing, binary)) {} }
        let descriptors = self.descriptors.map { $0 ?? nothing?.raw ?? -1 }
        let pid = executable.withCString { path in
            withCStrings(arguments) { arguments in
                withCStrings(environment) { environment in
                    descriptors.withUnsafeBufferPointer { descriptors in
                        var program = gantry_program(
                            binary: binary?.raw ?? -1, path: path, arguments: arguments, environment: environment,
                            descriptors: descriptors.baseAddress, count: descriptors.count, leads_group: leadsGroup,
                            oom_score: oomScore.number, oom_at_least: oomScore == .ordinary)
                        return gantry_spawn(&program)
                    }
                }
            }
        }
        guard pid > 0 else { throw .posix("run \(executable)", errno) }
        return pid
    }
}

/// A NULL-terminated vector of C strings that lives as long as `body` runs.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var bytes: [CChar] = []
    bytes.reserveCapacity(strings.reduce(0) { $0 + $1.utf8.count + 1 })
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        for byte in string.utf8 { bytes.append(CChar(truncatingIfNeeded: byte)) }
        bytes.append(0)
    }
    return bytes.withUnsafeMutableBufferPointer { bytes in
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<CChar>?.self, capacity: offsets.count + 1) { vector in
            for (index, offset) in offsets.enumerated() {
                vector.initializeElement(at: index, to: bytes.baseAddress.map { $0 + offset })
            }
            vector.initializeElement(at: offsets.count, to: nil)
            // The capacity is at least one, so that there is a base address.
            return body(vector.baseAddress.unsafelyUnwrapped)
        }
    }
}
