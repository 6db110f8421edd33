import ByteText
import Domain

/// The slice that a cgroup parent names.
enum Slice {
    /// `/kubepods.slice/kubepods-pod1.slice` and `kubepods-pod1.slice` both mean `kubepods-pod1.slice`: with the systemd driver the name
    /// alone says where in the tree a slice is.
    static func name(forParent parent: String, default defaultSlice: String) throws(DomainError) -> String {
        guard !parent.isEmpty else { return defaultSlice }
        let name = parent.pathComponents.last.map(String.init) ?? ""
        guard name.ends(with: ".slice"), name.utf8.count > ".slice".utf8.count, name.utf8.count < 256,
            name.utf8.allSatisfy(isAllowed)
        else {
            throw DomainError(
                .invalidArgument,
                "linux.cgroup_parent \"\(parent)\" is not a systemd slice: set \"cgroupDriver: systemd\" in the kubelet's configuration"
            )
        }
        return name
    }

    /// systemd.unit(5): letters, digits and `:-_.\`.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "\\"): true
        default: false
        }
    }
}
