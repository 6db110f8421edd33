import ByteText
import Domain

/// `NetworkReady`: there is a CNI configuration that can be read, and its plugins are installed.
///
/// Each answer is read from the files, a handful of system calls: it is never older than the question.
package final class CNINetworkStatus: NetworkStatus {
    /// Where configurations and plugins are looked for.
    package struct Directories: Equatable, Sendable {
        package var configurations: String
        package var plugins: [String]

        package init(configurations: String, plugins: [String]) {
            self.configurations = configurations
            self.plugins = plugins
        }
    }

    private let directories: @Sendable () -> Directories
    private let ranges: PodRanges

    /// - Parameter directories: asked anew for each answer.
    package init(directories: @escaping @Sendable () -> Directories, ranges: PodRanges = PodRanges()) {
        self.ranges = ranges
        self.directories = directories
    }

    package convenience init(confDir: String, binDirs: [String], ranges: PodRanges = PodRanges()) {
        self.init(directories: { Directories(configurations: confDir, plugins: binDirs) }, ranges: ranges)
    }

    package func condition() async -> RuntimeCondition {
        let directories = directories()
        do throws(CNIConfiguration.Problem) {
            _ = try CNIConfiguration.load(directory: directories.configurations, binDirs: directories.plugins)
            return RuntimeCondition(type: "NetworkReady", status: true)
        } catch {
            return RuntimeCondition(
                type: "NetworkReady", status: false, reason: error.reason, message: error.description)
        }
    }

    /// The ranges that the kubelet told last, separated by commas; empty before.
    package var podCIDR: String { ranges.told }

    /// The same, apart.
    package var podRanges: [String] { ranges.current }

    package func podCIDRChanged(_ cidr: String) async throws(DomainError) {
        for range in cidr.words(at: ",") where !AddressRange.isValid(range) {
            throw DomainError(
                .invalidArgument, "runtime_config.network_config.pod_cidr: \"\(range)\" is no address range")
        }
        ranges.set(cidr)
    }
}
