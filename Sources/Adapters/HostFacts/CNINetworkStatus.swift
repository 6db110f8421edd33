import ByteText
import Domain

/// `NetworkReady`: there is a CNI configuration that can be read, and its plugins are installed.
package final class CNINetworkStatus: NetworkStatus {
    private let confDir: String
    private let binDirs: [String]
    private let ranges: PodRanges

    package init(confDir: String, binDirs: [String], ranges: PodRanges = PodRanges()) {
        self.ranges = ranges
        self.confDir = confDir
        self.binDirs = binDirs
    }

    package func condition() async -> RuntimeCondition {
        do throws(CNIConfiguration.Problem) {
            _ = try CNIConfiguration.load(directory: confDir, binDirs: binDirs)
            return RuntimeCondition(type: "NetworkReady", status: true)
        } catch {
            return RuntimeCondition(
                type: "NetworkReady", status: false, reason: error.reason, message: error.description)
        }
    }

    /// The ranges that the kubelet told last, separated by commas; empty before.
    package var podCIDR: String { ranges.told }

    package func podCIDRChanged(_ cidr: String) async throws(DomainError) {
        for range in cidr.words(at: ",") where !AddressRange.isValid(range) {
            throw DomainError(
                .invalidArgument, "runtime_config.network_config.pod_cidr: \"\(range)\" is no address range")
        }
        ranges.set(cidr)
    }
}
