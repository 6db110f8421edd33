/// How `image fetch` fetches.
package struct FetchOptions: Sendable {
    package enum PullPolicy: String, Sendable, CaseIterable {
        /// What is in the store is good enough.
        case new
        /// Ask the registry what the name means now.
        case update
        /// Only look into the store.
        case never
    }

    package var pullPolicy = PullPolicy.new
    package var platform = ImagePlatform.host
    /// A file in the form of containers' auth.json; credentials never travel in arguments or the environment.
    package var authFile: String?
    package var verifyTLS = true
    /// How long nothing may arrive before the fetch is given up; there is no limit on the whole.
    package var idleTimeout = Duration.seconds(60)

    package init() {}
}
