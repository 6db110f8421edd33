import Hummingbird

/// What goes with a request: Hummingbird's own things, and the connection it came on.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// For knowing when the client has gone.
    let client: ClientPresence
    /// What the request has shown; nothing, before it was looked at.
    var standing = AccessPolicy.Standing.stranger

    /// No route had the path, or none of its routes this method.
    var isLost: Bool { endpointPath == "NotFound" }

    package init(source: ApplicationRequestContextSource) {
        self.init(source: source, client: ClientPresence(isAdmitted: true))
    }

    init(source: ApplicationRequestContextSource, client: ClientPresence) {
        coreContext = CoreRequestContextStorage(source: source)
        self.client = client
    }
}
