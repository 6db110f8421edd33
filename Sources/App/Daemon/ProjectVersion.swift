/// The version of rktlet, as `rktlet version` and the CRI's `Version` tell it.
package enum ProjectVersion {
    package static let current = "0.1.0"
}
